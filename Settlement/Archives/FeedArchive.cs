using System.Buffers.Binary;
using Clob.Journal;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>
/// Every market data message of the native encoding, found by its feed sequence: what a retransmission server will answer from. One slot a
/// message, so the place is the number:
/// <code>
/// ┌────────────┬───────────────────┬───────┬──────────────┐
/// │ length u16 │ message (max. 77) │ zeros │ checksum u64 │        96 bytes
/// └────────────┴───────────────────┴───────┴──────────────┘
/// </code>
/// The replica's thread appends and flushes; any thread reads what is flushed. After a restart replay appends everything behind its snapshot again:
/// what is stored is compared and skipped, what a crash has torn is rewritten.
/// </summary>
public sealed class FeedArchive : IDisposable
{
    /// <summary>The file below the data directory.</summary>
    public const string FileName = "archive/feed.dat";

    private const int LengthSize = sizeof(ushort);
    private const int PayloadSize = 88;
    private const int SlotsAtOnce = 512;

    // A message and its length fit a slot, or this does not compile: -1 is no byte.
    private const byte MessageFitsSlot = LengthSize + FeedMessage.MaximumSize <= PayloadSize ? 0 : -1;

    private readonly SlotFile _file;
    private readonly NativeFeedEncoding _encoding = new();

    // Slots not written yet, checksums included, and slots read for comparison.
    private readonly byte[] _pending;
    private readonly byte[] _stored;
    private int _pendingCount;
    private long _storedFirst;
    private int _storedCount;
    private ulong _appended;
    private ulong _flushed;

    /// <summary>Opens or creates the archive below a data directory.</summary>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public FeedArchive(string dataDirectory)
    {
        _file = new SlotFile(Path.GetFullPath(FileName, Path.GetFullPath(dataDirectory)), PayloadSize);
        _pending = new byte[SlotsAtOnce * _file.SlotSize];
        _stored = new byte[SlotsAtOnce * _file.SlotSize];
        _flushed = FindLast();
    }

    /// <summary>Number that the next message will carry, from 1. Any thread.</summary>
    public ulong NextSequence => Volatile.Read(ref _flushed) + 1;

    /// <summary>Appends the message of an event, or compares it with what is stored. The replica's thread only.</summary>
    /// <param name="happened">Its <see cref="ExchangeEvent.FeedSequence"/> follows the one before; the first after the start is 1, or follows <see cref="ResumeBehind"/>.</param>
    /// <exception cref="InvalidDataException">Another message is stored under this number, or numbers are left out.</exception>
    public void Append(in ExchangeEvent happened)
    {
        if (happened.FeedSequence != _appended + 1)
            throw new InvalidDataException($"Feed message {happened.FeedSequence} does not follow message {_appended}.");
        Span<byte> payload = stackalloc byte[PayloadSize];
        payload.Clear();
        int length = _encoding.Encode(happened, payload[LengthSize..]);
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)length);
        _appended++;
        long slot = (long)happened.FeedSequence - 1;
        if (happened.FeedSequence <= _flushed)
        {
            if (!IsStored(slot, payload))
                _file.Write(slot, payload);
            return;
        }
        if (_pendingCount == SlotsAtOnce)
            Flush();
        Span<byte> place = _pending.AsSpan(_pendingCount * _file.SlotSize, _file.SlotSize);
        payload.CopyTo(place);
        _file.Seal(slot, place);
        _pendingCount++;
    }

    /// <summary>Lets readers see what was appended. The replica's thread only.</summary>
    public void Flush()
    {
        if (_pendingCount == 0)
            return;
        // What waits follows what is flushed: message n stands in slot n - 1.
        _file.WriteSealed((long)_flushed, _pending.AsSpan(0, _pendingCount * _file.SlotSize));
        Volatile.Write(ref _flushed, _flushed + (uint)_pendingCount);
        _pendingCount = 0;
    }

    /// <summary>The first messages that are whole, as many as a replay would not make again. Reads them all.</summary>
    internal ulong WholeThrough(ulong most)
    {
        for (ulong whole = 0; whole < most;)
        {
            int wanted = (int)Math.Min(SlotsAtOnce, most - whole);
            int read = _file.ReadRaw((long)whole, _stored.AsSpan(0, wanted * _file.SlotSize));
            for (int i = 0; i < wanted; i++, whole++)
            {
                if (i >= read || !_file.TryOpen((long)whole, _stored.AsSpan(i * _file.SlotSize, _file.SlotSize), out _))
                    return whole;
            }
        }
        return most;
    }

    /// <summary>The next message appended is the one behind this number; those up to it are stored.</summary>
    internal void ResumeBehind(ulong sequence) => _appended = sequence;

    /// <summary>Copies messages from a number on, each with its length (u16) before it as in a MoldUDP64 packet. Any thread.</summary>
    /// <param name="fromSequence">The first wanted, from 1.</param>
    /// <param name="destination">Room for them.</param>
    /// <param name="written">Bytes used.</param>
    /// <returns>How many messages were copied; fewer at the last one, or before one that a crash has torn and that replay has not rewritten yet.</returns>
    public int Read(ulong fromSequence, Span<byte> destination, out int written)
    {
        ArgumentOutOfRangeException.ThrowIfZero(fromSequence);
        written = 0;
        int copied = 0;
        Span<byte> slotBytes = stackalloc byte[_file.SlotSize];
        for (ulong sequence = fromSequence; sequence < NextSequence; sequence++)
        {
            long slot = (long)sequence - 1;
            if (_file.ReadRaw(slot, slotBytes) == 0 || !_file.TryOpen(slot, slotBytes, out ReadOnlySpan<byte> payload))
                break;
            int framed = LengthSize + BinaryPrimitives.ReadUInt16BigEndian(payload);
            if (framed > destination.Length - written)
                break;
            payload[..framed].CopyTo(destination[written..]);
            written += framed;
            copied++;
        }
        return copied;
    }

    /// <summary>Makes everything flushed durable. Any thread.</summary>
    /// <exception cref="DiskFailureException">The sync failed: the process has to stop.</exception>
    public void Sync() => _file.Sync();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>False when the slot was torn and has to be written again.</summary>
    private bool IsStored(long slot, ReadOnlySpan<byte> expected)
    {
        if (slot < _storedFirst || slot >= _storedFirst + _storedCount)
        {
            _storedFirst = slot;
            _storedCount = _file.ReadRaw(slot, _stored);
        }
        if (_storedCount == 0 || !_file.TryOpen(slot, _stored.AsSpan((int)(slot - _storedFirst) * _file.SlotSize, _file.SlotSize), out ReadOnlySpan<byte> stored))
            return false;
        if (!stored.SequenceEqual(expected))
            throw new InvalidDataException($"Feed message {slot + 1} differs from the archived one: replay gives {Convert.ToHexStringLower(expected)}, found {Convert.ToHexStringLower(stored)}.");
        return true;
    }

    private ulong FindLast()
    {
        for (long end = _file.Capacity; end > 0; end -= SlotsAtOnce)
        {
            long first = Math.Max(end - SlotsAtOnce, 0);
            for (int i = _file.ReadRaw(first, _stored.AsSpan(0, (int)(end - first) * _file.SlotSize)) - 1; i >= 0; i--)
            {
                if (_file.TryOpen(first + i, _stored.AsSpan(i * _file.SlotSize, _file.SlotSize), out _))
                    return (ulong)(first + i + 1);
            }
        }
        return 0;
    }
}
