using Clob.Protocol;

namespace Clob.Engine;

/// <summary>Accounts by their current public keys; several may share one. One thread.</summary>
internal sealed class AccountsByKey
{
    private readonly Dictionary<PublicKey, ulong> _lowest = [];

    // Of keys with more than one account: the accounts above the lowest.
    private readonly Dictionary<PublicKey, SortedSet<ulong>> _others = [];

    /// <summary>The lowest account with a key; null when there is none.</summary>
    public ulong? Find(PublicKey key) => _lowest.TryGetValue(key, out ulong account) ? account : null;

    public void Add(PublicKey key, ulong account)
    {
        if (_lowest.TryAdd(key, account))
            return;
        ulong lowest = _lowest[key];
        if (!_others.TryGetValue(key, out var others))
            _others[key] = others = [];
        others.Add(Math.Max(lowest, account));
        _lowest[key] = Math.Min(lowest, account);
    }

    public void Remove(PublicKey key, ulong account)
    {
        if (!_others.TryGetValue(key, out var others))
        {
            _lowest.Remove(key);
            return;
        }

        if (_lowest[key] == account)
            account = _lowest[key] = others.Min;
        others.Remove(account);
        if (others.Count == 0)
            _others.Remove(key);
    }
}
