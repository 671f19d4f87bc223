using System.Diagnostics;
using Clob.Journal;
using Clob.Ring;
using Disruptor;

namespace Clob.Appliance.Pipeline;

/// <summary>Makes records durable: all that wait go into one group, one write, one sync. Its sequence is the durable sequence.</summary>
public sealed class JournalStage : RingStage<RecordSlot>
{
    // A group commit takes some 0.1 ms on a disk that is well; this many times that is worth to be counted.
    private static readonly long SlowTicks = Stopwatch.Frequency / 100;

    private readonly JournalWriter _journal;
    private long _groups;
    private long _slowGroups;
    private long _commitTicks;

    /// <summary>Writes to <paramref name="journal"/>, which only this stage uses from now on.</summary>
    public JournalStage(UnmanagedRingBuffer<RecordSlot> ring, JournalWriter journal)
        : base("journal", ring, ring.BufferSize) => _journal = journal;

    /// <summary>Groups committed since the start.</summary>
    public long Groups => Volatile.Read(ref _groups);

    /// <summary>Groups whose commit took over 10 ms.</summary>
    public long SlowGroups => Volatile.Read(ref _slowGroups);

    /// <summary>Time spent in commits since the start.</summary>
    public TimeSpan CommitTime => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _commitTicks));

    /// <inheritdoc/>
    protected override long OnBatch(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++)
        {
            var record = Ring[sequence].Bytes;
            if (_journal.TryAppend(record))
                continue;
            Commit();
            Advance(sequence - 1);
            if (!_journal.TryAppend(record))
                throw new InvalidOperationException($"A record of {record.Length} bytes does not fit an empty group.");
        }

        Commit();
        return last;
    }

    private void Commit()
    {
        long begun = Stopwatch.GetTimestamp();
        _journal.Commit();
        long ticks = Stopwatch.GetTimestamp() - begun;
        Volatile.Write(ref _commitTicks, _commitTicks + ticks);
        Volatile.Write(ref _groups, _groups + 1);
        if (ticks > SlowTicks)
            Volatile.Write(ref _slowGroups, _slowGroups + 1);
    }
}
