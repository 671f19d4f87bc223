using System.Diagnostics.CodeAnalysis;
using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// Public keys and session settings by account. Written by the thread that applies records, read by any: a reader sees the state as of
/// some record, never a mixture within one account.
/// </summary>
public sealed class KeyDirectory
{
    private const int PageBits = 10;
    private const int PageSize = 1 << PageBits;

    // Pages never move once published; the outer array is replaced by a longer copy, so a reader that holds the former one still finds
    // everything that was registered when it took it.
    private Entry?[][] _pages = [];
    private ulong _count;

    // Owner: the thread that applies records. Made when first asked for, so that matching, which never asks, does not keep it.
    private AccountsByKey? _accounts;

    /// <summary>Number of accounts, account 0 included; account numbers are 0 to this minus one.</summary>
    public ulong Count => Volatile.Read(ref _count);

    /// <summary>The account's current key and its version; false when there is no such account.</summary>
    public bool TryGet(ulong account, [NotNullWhen(true)] out VerifyingKey? key, out uint version)
    {
        var entry = Find(account);
        key = entry?.Key;
        version = entry?.Version ?? 0;
        return entry is not null;
    }

    /// <summary>The lowest account whose current key this is; null when there is none. Only on the thread that applies records.</summary>
    public ulong? FindAccount(PublicKey key)
    {
        if (_accounts is null)
        {
            _accounts = new AccountsByKey();
            for (ulong account = 0; account < _count; account++)
                _accounts.Add(Find(account)!.PublicKey, account);
        }

        return _accounts.Find(key);
    }

    /// <summary>Whether the account asked for its orders to be cancelled when its last session ends.</summary>
    public bool CancelsOnDisconnect(ulong account) => Find(account)?.CancelsOnDisconnect ?? false;

    internal ulong Add(VerifyingKey key, uint version = 1)
    {
        ulong account = _count;
        int page = (int)(account >> PageBits);
        if (page == _pages.Length)
        {
            Entry?[][] longer = [.. _pages, new Entry?[PageSize]];
            Volatile.Write(ref _pages, longer);
        }

        Volatile.Write(ref _pages[page][account & PageSize - 1], new Entry(key, version));
        _accounts?.Add(new PublicKey(key.Bytes), account);
        Volatile.Write(ref _count, account + 1); // after the entry: whoever sees the count finds the key
        return account;
    }

    internal void Rotate(ulong account, VerifyingKey key)
    {
        var former = Find(account)!;
        _accounts?.Remove(former.PublicKey, account);
        _accounts?.Add(new PublicKey(key.Bytes), account);
        Publish(account, new Entry(key, former.Version + 1) { CancelsOnDisconnect = former.CancelsOnDisconnect });
    }

    /// <summary>In place: a client may change it as often as it likes, and nothing is read together with it.</summary>
    internal void SetCancelsOnDisconnect(ulong account, bool on) => Find(account)!.CancelsOnDisconnect = on;

    private void Publish(ulong account, Entry entry) =>
        Volatile.Write(ref _pages[account >> PageBits][account & PageSize - 1], entry);

    private Entry? Find(ulong account)
    {
        var pages = Volatile.Read(ref _pages);
        return account >> PageBits < (ulong)pages.Length ? Volatile.Read(ref pages[account >> PageBits][account & PageSize - 1]) : null;
    }

    /// <summary>Key and version belong together, so a rotation publishes another entry.</summary>
    private sealed class Entry(VerifyingKey key, uint version)
    {
        private bool _cancelsOnDisconnect;

        public VerifyingKey Key { get; } = key;

        public PublicKey PublicKey => new(Key.Bytes);

        public uint Version { get; } = version;

        public bool CancelsOnDisconnect
        {
            get => Volatile.Read(ref _cancelsOnDisconnect);
            set => Volatile.Write(ref _cancelsOnDisconnect, value);
        }
    }
}
