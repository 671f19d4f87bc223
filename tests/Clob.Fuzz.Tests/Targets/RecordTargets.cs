using Clob.Journal;
using Clob.Protocol;

namespace Clob.Fuzz.Tests;

/// <summary>Journal records of every kind, and the frames in which groups and batches for data availability hold them.</summary>
internal static class RecordTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        new("records", Records, ReadRecord),
        new("record frames, as a batch for data availability", [Framed(Records), Framed(Records.Take(1))], ReadFrames),
    ];

    /// <summary>One of each kind.</summary>
    public static List<byte[]> Records { get; } = [Genesis().ToRecord(1), .. Others().Select((other, i) => Record(other.Kind, (ulong)i + 1, other.Payload))];

    private static Genesis Genesis() => new()
    {
        Salt = new byte[32],
        OperatorKey = new byte[32],
        LogKey = new byte[32],
        EngineVersion = 1,
        EngineHash = new byte[32],
    };

    private static IEnumerable<(RecordKind Kind, byte[] Payload)> Others()
    {
        byte[] disconnect = new byte[Disconnect.Size];
        new Disconnect(7).Write(disconnect);
        byte[] version = new byte[EngineVersionChange.Size];
        new EngineVersionChange(2, new byte[32]).Write(version);
        byte[] verdict = new byte[Verdict.SizeOf(3)];
        Verdict.Write(verdict, 0, 9, [1, 2, 9]);
        return
        [
            (RecordKind.Envelope, SessionTargets.EnvelopeOf(2)), (RecordKind.Mark, []), (RecordKind.Time, []), (RecordKind.Disconnect, disconnect),
            (RecordKind.Verdict, verdict), (RecordKind.EngineVersion, version),
        ];
    }

    private static byte[] Record(RecordKind kind, ulong sequence, ReadOnlySpan<byte> payload)
    {
        byte[] record = new byte[RecordHeader.Size + payload.Length];
        new RecordHeader(kind, sequence, 1_700_000_000_000_000_000 + sequence).Write(record);
        payload.CopyTo(record.AsSpan(RecordHeader.Size));
        return record;
    }

    private static Decoded ReadRecord(ReadOnlySpan<byte> input)
    {
        if (!RecordHeader.TryRead(input, out var header, out var payload))
            return Decoded.Refused("no record");
        byte[]? encoded = header.Kind switch
        {
            RecordKind.Genesis => Clob.Protocol.Genesis.TryRead(payload) is { } genesis ? genesis.ToRecord(0)[RecordHeader.Size..] : null,
            RecordKind.Envelope => Envelope.TryRead(payload, out var envelope, out _) ? envelope.Bytes.ToArray() : null,
            RecordKind.Disconnect => Disconnect.TryRead(payload, out var disconnect) ? Written(Disconnect.Size, disconnect.Write) : null,
            RecordKind.Verdict => ReadVerdict(payload),
            RecordKind.EngineVersion => EngineVersionChange.TryRead(payload, out var change) ? Written(EngineVersionChange.Size, change.Write) : null,
            _ => payload.ToArray(),
        };
        return encoded is null ? Decoded.Refused($"no {header.Kind}") : Decoded.Accepted(header, [.. Record(header), .. encoded]);
    }

    private static byte[] Record(in RecordHeader header)
    {
        byte[] head = new byte[RecordHeader.Size];
        header.Write(head);
        return head;
    }

    private static byte[]? ReadVerdict(ReadOnlySpan<byte> payload)
    {
        if (!Verdict.TryRead(payload, out var verdict))
            return null;
        ulong[] invalid = new ulong[verdict.Count];
        for (int i = 0; i < invalid.Length; i++)
            invalid[i] = verdict.InvalidAt(i);
        byte[] encoded = new byte[Verdict.SizeOf(invalid.Length)];
        Verdict.Write(encoded, verdict.From, verdict.Through, invalid);
        return encoded;
    }

    private static byte[] Written(int size, SpanWriter write)
    {
        byte[] bytes = new byte[size];
        write(bytes);
        return bytes;
    }

    private static byte[] Framed(IEnumerable<byte[]> records)
    {
        byte[] buffer = new byte[64 * 1024];
        int length = 0;
        foreach (byte[] record in records)
            Assert.That(RecordFrames.TryAppend(buffer, ref length, record), Is.True);
        return buffer[..length];
    }

    private static Decoded ReadFrames(ReadOnlySpan<byte> input)
    {
        byte[] encoded = new byte[input.Length];
        int length = 0;
        var frames = RecordFrames.Read(input);
        while (frames.MoveNext())
            RecordFrames.TryAppend(encoded, ref length, frames.Current);
        return frames.Error == FrameError.None ? Decoded.Accepted(length, encoded[..length]) : Decoded.Refused($"{frames.Error} at {frames.Offset}");
    }

    private delegate void SpanWriter(Span<byte> destination);
}
