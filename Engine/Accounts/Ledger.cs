using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clob.Protocol;

namespace Clob.Engine;

/// <summary>What one account owns of one asset, smallest units; a cache line of its own, so that touching it waits for memory once.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Balance : IPooled
{
    public UInt128 Available;

    public UInt128 Reserved;

    /// <summary>Place of the asset in the ledger's table.</summary>
    public int Asset;

    /// <summary>The account's balance of the asset with the next higher id, 0 for none.</summary>
    public uint Next;

    uint IPooled.NextFree
    {
        readonly get => Next;
        set => Next = value;
    }
}

/// <summary>An asset and two independent counts of what exists of it.</summary>
internal struct AssetState
{
    public uint Id;

    public byte Decimals;

    public Symbol Symbol;

    /// <summary>Deposits minus paid withdrawals.</summary>
    public UInt128 Total;

    /// <summary>Sum over all balances, kept with every single movement; equal to <see cref="Total"/> between two commands.</summary>
    public UInt128 Sum;
}

/// <summary>
/// All balances and assets. Nothing here knows orders or fees: it moves amounts, and no movement can make a balance negative or let an
/// asset's sum drift unseen.
/// </summary>
internal sealed class Ledger
{
    private readonly AppliedRecord _record;
    private readonly int _maximumBalances;
    private readonly Dictionary<uint, int> _assetPlaces = [];
    private AssetState[] _assets = new AssetState[8];

    public Ledger(int accounts, int maximumBalances, AppliedRecord record)
    {
        _record = record;
        _maximumBalances = maximumBalances;
        Balances = new Pool<Balance>(accounts * 2); // base and quote
    }

    public Pool<Balance> Balances { get; }

    /// <summary>Whether two more balances (one trade's worth) can be opened.</summary>
    public bool HasRoom => Balances.Count <= _maximumBalances - 2;

    /// <summary>Number of assets.</summary>
    public int AssetCount { get; private set; }

    public ref AssetState AssetAt(int place) => ref _assets[place];

    /// <summary>Place of an asset in the table, -1 when it is not defined.</summary>
    public int PlaceOf(uint asset) => _assetPlaces.TryGetValue(asset, out int place) ? place : -1;

    public void Define(uint id, byte decimals, Symbol symbol)
    {
        if (AssetCount == _assets.Length)
            Array.Resize(ref _assets, _assets.Length * 2);
        _assets[AssetCount] = new AssetState { Id = id, Decimals = decimals, Symbol = symbol };
        _assetPlaces.Add(id, AssetCount++);
    }

    /// <summary>The balance of an asset in an account's list, 0 when the account never had any.</summary>
    public uint Find(uint first, int asset)
    {
        uint at = first;
        while (at != 0 && Balances[at].Asset != asset)
            at = Balances[at].Next;
        return at;
    }

    /// <summary>The balance of an asset in an account's list, which is kept by rising asset id; added when there is none.</summary>
    public uint GetOrAdd(ref uint first, int asset)
    {
        uint found = Find(first, asset);
        if (found != 0)
            return found;
        uint number = Balances.Take();
        uint before = 0;
        uint at = first;
        for (; at != 0 && IdOf(at) < _assets[asset].Id; at = Balances[at].Next)
            before = at;
        ref Balance balance = ref Balances[number];
        balance.Asset = asset;
        balance.Next = at;
        if (before == 0)
            first = number;
        else
            Balances[before].Next = number;
        return number;
    }

    public uint IdOf(uint balance) => _assets[Balances[balance].Asset].Id;

    /// <summary>Moves from available to reserved; false, and nothing moves, when there is not enough.</summary>
    public bool TryReserve(uint number, UInt128 amount)
    {
        ref Balance balance = ref Balances[number];
        if (balance.Available < amount)
            return false;
        balance.Available -= amount;
        balance.Reserved += amount;
        return true;
    }

    /// <summary>Moves from reserved back to available.</summary>
    public void Release(uint number, UInt128 amount)
    {
        ref Balance balance = ref Balances[number];
        TakeReserved(ref balance, amount);
        balance.Available += amount;
    }

    /// <summary>Takes what was reserved out of the account.</summary>
    public void Spend(uint number, UInt128 amount)
    {
        ref Balance balance = ref Balances[number];
        TakeReserved(ref balance, amount);
        _assets[balance.Asset].Sum -= amount;
    }

    /// <summary>Takes <paramref name="cost"/> of what was reserved out of the account and moves the rest of it, up to <paramref name="freed"/>, back to available.</summary>
    public void Spend(uint number, UInt128 cost, UInt128 freed)
    {
        ref Balance balance = ref Balances[number];
        TakeReserved(ref balance, freed);
        if (freed != cost)
            balance.Available += freed - cost;
        _assets[balance.Asset].Sum -= cost;
    }

    /// <summary>Adds to what is available.</summary>
    public void Credit(uint number, UInt128 amount)
    {
        ref Balance balance = ref Balances[number];
        balance.Available += amount;
        _assets[balance.Asset].Sum += amount;
    }

    /// <summary>Conservation: what the accounts have is what came in. Called after every command for the assets it could touch.</summary>
    public void CheckConservation(int asset)
    {
        ref AssetState state = ref _assets[asset];
        if (state.Sum != state.Total)
            throw NotConserved(asset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakeReserved(ref Balance balance, UInt128 amount)
    {
        if (balance.Reserved < amount)
            throw ReservedTooSmall(balance, amount);
        balance.Reserved -= amount;
    }

    // Apart, so that what makes texts costs the checks nothing.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvariantViolationException NotConserved(int asset) =>
        _record.Violation($"conservation of asset {_assets[asset].Id}", $"{_assets[asset].Total} smallest units over all accounts", $"{_assets[asset].Sum}");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvariantViolationException ReservedTooSmall(in Balance balance, UInt128 amount) => _record.Violation(
        $"no reserved balance is negative (asset {_assets[balance.Asset].Id})", $"at least {amount} reserved", $"{balance.Reserved}");
}
