using System.Runtime.InteropServices;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// Sessions that are over and only wait for their peers to go: by account, in the order in which they came to it. All in constant time, for
/// whoever comes and goes quickly has many. Owned by egress.
/// </summary>
/// <param name="slots">Slots of sessions there are.</param>
internal sealed class LingeringSessions(int slots)
{
    private readonly Dictionary<ulong, Line> _lines = [];
    private readonly Place[] _places = new Place[slots];

    /// <summary>How many of the account there are.</summary>
    public int Count(ulong account) => _lines.GetValueOrDefault(account).Count;

    /// <summary>Slot of the account's first; it must have one.</summary>
    public int Oldest(ulong account) => _lines[account].First - 1;

    /// <summary>Appends a session that is not there yet.</summary>
    public void Add(int slot, ulong account)
    {
        ref Line line = ref CollectionsMarshal.GetValueRefOrAddDefault(_lines, account, out _);
        _places[slot] = new Place { Account = account, Before = line.Last };
        NextOf(ref line, line.Last) = slot + 1;
        line.Last = slot + 1;
        line.Count++;
    }

    /// <summary>Takes a session out, if it is there.</summary>
    public void Remove(int slot)
    {
        Place place = _places[slot];
        if (place.Account == 0)
            return;
        _places[slot] = default;
        ref Line line = ref CollectionsMarshal.GetValueRefOrNullRef(_lines, place.Account);
        NextOf(ref line, place.Before) = place.Next;
        (place.Next == 0 ? ref line.Last : ref _places[place.Next - 1].Before) = place.Before;
        if (--line.Count == 0)
            _lines.Remove(place.Account);
    }

    /// <summary>What points to the one behind a place, or, with none before, to the first.</summary>
    private ref int NextOf(ref Line line, int place) => ref place == 0 ? ref line.First : ref _places[place - 1].Next;

    /// <summary>An account's; links are slots + 1, 0 for none.</summary>
    private struct Line
    {
        public int First;
        public int Last;
        public int Count;
    }

    private struct Place
    {
        /// <summary>0 for a slot that is not in a line: no session of the operator lingers.</summary>
        public ulong Account;

        public int Before;
        public int Next;
    }
}
