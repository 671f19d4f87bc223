using Clob.Protocol;
using Disruptor;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// Gives every record its sequence and its time and puts it into the ring. Only the ingress thread publishes, so the journal's order is
/// the order of its calls.
/// </summary>
public sealed unsafe class Sequencer
{
    private readonly UnmanagedRingBuffer<RecordSlot> _ring;
    private readonly ByteArena _arena;
    private readonly TimeProvider _clock;
    private readonly ulong _firstSequence;
    private ulong _lastTime;

    /// <summary>Continues behind what was recovered.</summary>
    /// <param name="ring">The ring; its first slot is record <paramref name="firstSequence"/>.</param>
    /// <param name="arena">Where the bytes go.</param>
    /// <param name="clock">Wall clock.</param>
    /// <param name="firstSequence">Sequence of the first record to publish.</param>
    /// <param name="lastTime">Time of the last recovered record, ns since 1970.</param>
    public Sequencer(UnmanagedRingBuffer<RecordSlot> ring, ByteArena arena, TimeProvider clock, ulong firstSequence, ulong lastTime)
    {
        _ring = ring;
        _arena = arena;
        _clock = clock;
        _firstSequence = firstSequence;
        _lastTime = lastTime;
    }

    /// <summary>Sequence of the record that comes next.</summary>
    public ulong NextSequence => _firstSequence + (ulong)(_ring.Cursor + 1);

    /// <summary>Now, ns since 1970, by the clock that times the records.</summary>
    public ulong Now => RecordTime.Now(_clock);

    /// <summary>Publishes a record; false when the ring or the arena is full, and then nothing happened.</summary>
    /// <param name="kind">What the record is.</param>
    /// <param name="payload">Its payload, copied.</param>
    /// <param name="session">Session it came by, 0 for none.</param>
    /// <param name="reply">Number of the caller who waits for it, 0 for none.</param>
    /// <param name="notBefore">The least time the record may have, ns since 1970: a clock that was set back does not undo what was read from it.</param>
    public bool TryPublish(RecordKind kind, ReadOnlySpan<byte> payload, int session = 0, int reply = 0, ulong notBefore = 0)
    {
        // Before the arena is asked: in a full ring the slot that tells where the arena is free holds the newest record already.
        if (!_ring.HasAvailableCapacity(1))
            return false;
        int length = RecordHeader.Size + payload.Length;
        byte* record = _arena.TryReserve(length, Tail(), out long end);
        if (record == null || !_ring.TryNext(out long ringSequence))
            return false;

        // Strictly rising, whatever the clock does: the journal's time is the Exchange's only clock.
        _lastTime = Math.Max(Math.Max(Now, notBefore), _lastTime + 1);
        _arena.Take(end);
        ref var slot = ref _ring[ringSequence];
        slot = default;
        slot.Record = record;
        slot.Length = length;
        slot.Session = session;
        slot.Reply = reply;
        slot.ArenaEnd = end;
        slot.Kind = kind;
        slot.Sequence = _firstSequence + (ulong)ringSequence;
        slot.Time = _lastTime;
        var bytes = new Span<byte>(record, length);
        slot.Header.Write(bytes);
        payload.CopyTo(bytes[RecordHeader.Size..]);
        _ring.Publish(ringSequence);
        return true;
    }

    /// <summary>Everything in the arena before this is done with: the end of the last record that the slowest stage has left behind.</summary>
    private long Tail()
    {
        long done = _ring.GetMinimumGatingSequence();
        return done < 0 ? 0 : _ring[done].ArenaEnd;
    }
}
