using Clob.Engine;
using Clob.Journal;

namespace Clob.Verifier.Sources;

/// <summary>Where a record was read from.</summary>
/// <param name="Container">The segment's file or the batch's name; null when unknown.</param>
/// <param name="Offset">Byte offset in it of the record's frame, or of the group that holds it.</param>
internal readonly record struct Place(string? Container, long Offset);

/// <summary>
/// A run of records copied out of their source, so that their signatures can be checked on all cores before they are applied one by one.
/// Reused from run to run.
/// </summary>
internal sealed class RecordBatch
{
    /// <summary>Enough to keep the cores busy for a tenth of a second, little enough for progress to be seen.</summary>
    private const int MaximumRecords = 2048;

    private const int Capacity = 4 * 1024 * 1024;

    private Slot[] _slots = new Slot[64];
    private byte[] _bytes = new byte[JournalFormat.MaximumRecordLength];
    private int _length;

    private const byte OneRecordFits = JournalFormat.MaximumRecordLength <= Capacity ? 0 : -1;

    /// <summary>Number of records.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all records.</summary>
    public void Clear()
    {
        Count = 0;
        _length = 0;
    }

    /// <summary>Whether a record of any length still fits.</summary>
    public bool HasRoom => Count < MaximumRecords && Capacity - _length >= JournalFormat.MaximumRecordLength;

    /// <summary>Copies a record; the caller has asked <see cref="HasRoom"/>.</summary>
    public void Add(ReadOnlySpan<byte> record, in Place place)
    {
        if (_bytes.Length - _length < record.Length)
            Array.Resize(ref _bytes, Math.Min(_bytes.Length * 2, Capacity));
        if (Count == _slots.Length)
            Array.Resize(ref _slots, Count * 2);
        record.CopyTo(_bytes.AsSpan(_length));
        _slots[Count++] = new Slot(_length, record.Length, place);
        _length += record.Length;
    }

    /// <summary>The record, valid until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Record(int index) => _bytes.AsMemory(_slots[index].Offset, _slots[index].Length);

    /// <summary>Where the record was read from.</summary>
    public Place PlaceOf(int index) => _slots[index].Place;

    /// <summary>What is known of the record's signature; nothing until it is set.</summary>
    public ref SignatureHint Hint(int index) => ref _slots[index].Hint;

    private struct Slot(int offset, int length, Place place)
    {
        public readonly int Offset = offset;
        public readonly int Length = length;
        public readonly Place Place = place;
        public SignatureHint Hint;
    }
}
