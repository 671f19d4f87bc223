using System.Buffers;
using Clob.Protocol;

namespace Clob.Client;

/// <summary>
/// The envelopes that were sent and not answered, oldest first, as the frames they were: what must go out again after a reconnect.
/// An envelope is acknowledged when each of its commands was answered by nonce, when it was refused as a whole, or as a duplicate.
/// Answers come in the order of the envelopes, so an answer by nonce to a later one settles all before it; what happened to an order does
/// not, for another session of the account may have asked for it. Owned by one lock of the caller.
/// </summary>
internal sealed class UnacknowledgedEnvelopes
{
    private readonly Entry[] _entries = new Entry[Envelope.MaximumUnacknowledged];
    private int _first;

    private struct Entry
    {
        public byte[] Frame;
        public int FrameSize;
        public ulong FirstNonce;
        public int Commands;
        public UInt128 Answered;
        public bool IsResent;

        public readonly bool IsAnswered => Answered == (Commands == 128 ? UInt128.MaxValue : (UInt128.One << Commands) - 1);
    }

    public int Count { get; private set; }

    public bool IsFull => Count == Envelope.MaximumUnacknowledged;

    /// <summary>Keeps a copy of a frame (head of the packet and envelope).</summary>
    public void Add(ReadOnlySpan<byte> frame, ulong firstNonce, int commands)
    {
        if (IsFull)
            throw new InvalidOperationException($"{Envelope.MaximumUnacknowledged} envelopes are unacknowledged already");
        ref var entry = ref At(Count);
        entry.Frame = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(entry.Frame);
        entry.FrameSize = frame.Length;
        entry.FirstNonce = firstNonce;
        entry.Commands = commands;
        entry.Answered = 0;
        entry.IsResent = false;
        Count++;
    }

    /// <summary>The frame number <paramref name="index"/>, 0 the oldest.</summary>
    public ReadOnlySpan<byte> FrameAt(int index) => At(index).Frame.AsSpan(0, At(index).FrameSize);

    /// <summary>First nonce and number of commands of the oldest.</summary>
    public (ulong FirstNonce, int Commands) Oldest => (At(0).FirstNonce, At(0).Commands);

    /// <summary>
    /// Notes what a report answers. Returns how many envelopes, from the oldest, are settled by it; the caller takes them off with
    /// <see cref="RemoveOldest"/>. Those of them that are not answered were passed over.
    /// </summary>
    public int Settle(in ExchangeEvent report)
    {
        int settled = 0;
        for (int i = 0; i < Count; i++)
        {
            if (!Answers(report, ref At(i)))
                continue;
            settled = IsChange(report) ? 0 : i;
            break;
        }

        while (settled < Count && At(settled).IsAnswered)
            settled++;
        return settled;
    }

    /// <summary>Whether the oldest got all its answers.</summary>
    public bool IsOldestAnswered => At(0).IsAnswered;

    public void RemoveOldest()
    {
        ArrayPool<byte>.Shared.Return(At(0).Frame);
        At(0) = default;
        _first = (_first + 1) % Envelope.MaximumUnacknowledged;
        Count--;
    }

    /// <summary>All of them go out once more.</summary>
    public void NoteResent()
    {
        for (int i = 0; i < Count; i++)
            At(i).IsResent = true;
    }

    /// <summary>
    /// Takes off the refused envelope of a first nonce, wherever it stands, and returns how many commands it had; 0 when it is not there, or was
    /// sent before: then it may have been taken at that time, and only reports can say.
    /// </summary>
    public int RemoveRefused(ulong firstNonce)
    {
        for (int i = 0; i < Count; i++)
        {
            if (At(i).FirstNonce != firstNonce)
                continue;
            if (At(i).IsResent)
                return 0;
            var removed = At(i);
            for (; i > 0; i--)
                At(i) = At(i - 1);
            At(0) = removed;
            RemoveOldest();
            return removed.Commands;
        }

        return 0;
    }

    private ref Entry At(int index) => ref _entries[(_first + index) % Envelope.MaximumUnacknowledged];

    private static bool Answers(in ExchangeEvent report, ref Entry entry)
    {
        if (report.Kind is EventKind.EnvelopeRejected or EventKind.Duplicate)
        {
            if (report.Nonce != entry.FirstNonce)
                return false;
            entry.Answered = UInt128.MaxValue >> (128 - entry.Commands);
            return true;
        }

        if (IsChange(report))
            return AnswersByOrder(report, ref entry);
        if (report.Nonce < entry.FirstNonce || report.Nonce - entry.FirstNonce >= (uint)entry.Commands)
            return false;
        entry.Answered |= UInt128.One << (int)(report.Nonce - entry.FirstNonce);
        return true;
    }

    private static bool IsChange(in ExchangeEvent report) =>
        report.Kind is EventKind.Reduced or EventKind.Replaced || (report.Kind == EventKind.Cancelled && report.Reason == (byte)CancelReason.Requested);

    /// <summary>
    /// What was done to an order reports the nonce that created it, which may even be one of this envelope; the command that asked for it is
    /// found by the order's id.
    /// </summary>
    private static bool AnswersByOrder(in ExchangeEvent report, ref Entry entry)
    {
        ulong target = report.Kind == EventKind.Replaced ? report.Reference : report.OrderId;
        if (!Envelope.TryRead(entry.Frame.AsSpan(SoupBinTcp.HeadSize, entry.FrameSize - SoupBinTcp.HeadSize), out var envelope, out _))
            return false;
        int index = 0;
        foreach (var command in envelope.Commands)
        {
            var bit = UInt128.One << index++;
            if ((entry.Answered & bit) != 0 || TargetOf(command) != target)
                continue;
            entry.Answered |= bit;
            return true;
        }

        return false;
    }

    private static ulong? TargetOf(in Command command) => command.Type switch
    {
        CommandType.Cancel => Cancel.Read(command.Body).OrderId,
        CommandType.Reduce => Reduce.Read(command.Body).OrderId,
        CommandType.Replace => Replace.Read(command.Body).OrderId,
        _ => null,
    };
}
