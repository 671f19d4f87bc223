using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>Cuts the journal into batches for data availability: record frames, up to a size, and never across a Mark.</summary>
internal sealed class DaBatchReader(JournalReader journal, ulong firstSequence) : IDisposable
{
    private byte[] _buffer = [];
    private byte[] _held = [];
    private int _length;

    /// <summary>First record of the batch being filled.</summary>
    public ulong First { get; private set; } = firstSequence;

    /// <summary>Number of records in it.</summary>
    public ulong Count { get; private set; }

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Batch => _buffer.AsMemory(0, _length);

    /// <summary>Reads on up to a journal size.</summary>
    /// <returns>True when the batch is complete: a Mark ends it, or the next record does not fit.</returns>
    public bool Fill(ulong journalSize, int maximumSize)
    {
        if (_buffer.Length < maximumSize)
            Array.Resize(ref _buffer, maximumSize);
        if (_held.Length > 0)
        {
            byte[] held = _held;
            _held = [];
            // A batch has just begun, and every record fits an empty one.
            Take(held);
            if (IsMark(held))
                return true;
        }
        while (journalSize > 0 && journal.TryRead((long)journalSize - 1, out JournalRecord record))
        {
            if (!Take(record.Bytes))
            {
                // The reader has passed it; it begins the next batch.
                _held = record.Bytes.ToArray();
                return true;
            }
            if (IsMark(record.Bytes))
                return true;
        }
        return false;
    }

    /// <summary>Goes on behind the batch, which is stored.</summary>
    /// <returns>What was stored.</returns>
    public DaBatch Complete(byte[] commitment)
    {
        var batch = new DaBatch(First, Count, Hash256.Of(Batch.Span), commitment);
        First += Count;
        Count = 0;
        _length = 0;
        return batch;
    }

    public void Dispose() => journal.Dispose();

    private static bool IsMark(ReadOnlySpan<byte> record) =>
        RecordHeader.TryRead(record, out RecordHeader header, out _) && header.Kind == RecordKind.Mark;

    private bool Take(ReadOnlySpan<byte> record)
    {
        if (!RecordFrames.TryAppend(_buffer, ref _length, record))
            return false;
        Count++;
        return true;
    }
}
