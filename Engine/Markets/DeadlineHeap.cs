using System.Runtime.CompilerServices;

namespace Clob.Engine;

/// <summary>
/// Open orders with a deadline, the earliest on top, equal ones by order id. Each order knows its place, so taking out one that was
/// cancelled costs O(log n) and leaves nothing behind.
/// </summary>
/// <param name="rare">Where an order's place is kept.</param>
internal sealed class DeadlineHeap(Pool<RareTerms> rare)
{
    private Entry[] _entries = new Entry[64]; // from 1: the children of i are 2i and 2i + 1

    internal readonly record struct Entry(ulong Deadline, ulong OrderId, uint Order, uint Rare)
    {
        public bool IsBefore(in Entry other) => Deadline < other.Deadline || (Deadline == other.Deadline && OrderId < other.OrderId);
    }

    public int Count { get; private set; }

    /// <summary>Bytes taken, in use or not.</summary>
    public long Bytes => _entries.LongLength * Unsafe.SizeOf<Entry>();

    /// <summary>The earliest deadline, <see cref="ulong.MaxValue"/> for none.</summary>
    public ulong Earliest => Count == 0 ? ulong.MaxValue : _entries[1].Deadline;

    public ref readonly Entry First => ref _entries[1];

    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(1, Count);

    public void Add(in Entry entry)
    {
        if (++Count == _entries.Length)
            Array.Resize(ref _entries, _entries.Length * 2);
        Raise(Count, entry);
    }

    public void RemoveAt(int place)
    {
        Entry last = _entries[Count--];
        if (place > Count)
            return;
        if (place > 1 && last.IsBefore(_entries[place / 2]))
            Raise(place, last);
        else
            Sink(place, last);
    }

    /// <summary>The order at a place goes on under another number.</summary>
    public void Renumber(int place, uint order) => _entries[place] = _entries[place] with { Order = order };

    private void Raise(int place, in Entry entry)
    {
        for (; place > 1 && entry.IsBefore(_entries[place / 2]); place /= 2)
            Put(place, _entries[place / 2]);
        Put(place, entry);
    }

    private void Sink(int place, in Entry entry)
    {
        while (place * 2 <= Count)
        {
            int child = place * 2;
            if (child < Count && _entries[child + 1].IsBefore(_entries[child]))
                child++;
            if (!_entries[child].IsBefore(entry))
                break;
            Put(place, _entries[child]);
            place = child;
        }

        Put(place, entry);
    }

    private void Put(int place, in Entry entry)
    {
        _entries[place] = entry;
        rare[entry.Rare].DeadlinePlace = place;
    }
}
