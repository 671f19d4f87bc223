using Clob.Journal;
using Clob.Ring;
using Disruptor;

namespace Clob.Appliance.Pipeline;

/// <summary>Makes records durable: all that wait go into one group, one write, one sync. Its sequence is the durable sequence.</summary>
public sealed class JournalStage : RingStage<RecordSlot>
{
    private readonly JournalWriter _journal;

    /// <summary>Writes to <paramref name="journal"/>, which only this stage uses from now on.</summary>
    public JournalStage(UnmanagedRingBuffer<RecordSlot> ring, JournalWriter journal)
        : base("journal", ring, ring.BufferSize) => _journal = journal;

    /// <inheritdoc/>
    protected override long OnBatch(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++)
        {
            var record = Ring[sequence].Bytes;
            if (_journal.TryAppend(record))
                continue;
            _journal.Commit();
            Advance(sequence - 1);
            if (!_journal.TryAppend(record))
                throw new InvalidOperationException($"A record of {record.Length} bytes does not fit an empty group.");
        }

        _journal.Commit();
        return last;
    }
}
