namespace Clob.Settlement;

/// <summary>
/// Where each account's reports are. One thread writes; any reads: a reader that sees a count finds the pages below it.
/// Accounts are numbered densely from 0, so they stand in an array of arrays that only grows.
/// </summary>
internal sealed class ReportPages
{
    private const int BlockBits = 10;
    private const int BlockSize = 1 << BlockBits;

    /// <summary>A report of an account beyond this is no report of a venue but damage: the table would take all memory.</summary>
    private const ulong MaximumAccount = 1UL << 32;

    private AccountReports?[]?[] _blocks = [];

    public AccountReports? Find(ulong account)
    {
        AccountReports?[]?[] blocks = Volatile.Read(ref _blocks);
        ulong block = account >> BlockBits;
        if (block >= (ulong)blocks.Length || Volatile.Read(ref blocks[block]) is not { } accounts)
            return null;
        return Volatile.Read(ref accounts[account & (BlockSize - 1)]);
    }

    public AccountReports GetOrAdd(ulong account)
    {
        if (Find(account) is { } found)
            return found;
        if (account >= MaximumAccount)
            throw new InvalidDataException($"A report of account {account}: accounts are below {MaximumAccount}.");
        int block = (int)(account >> BlockBits);
        if (block >= _blocks.Length)
        {
            var longer = new AccountReports?[]?[Math.Max(block + 1, _blocks.Length * 2)];
            _blocks.CopyTo(longer, 0);
            Volatile.Write(ref _blocks, longer);
        }
        AccountReports?[] accounts = _blocks[block] ?? new AccountReports?[BlockSize];
        var added = new AccountReports();
        Volatile.Write(ref accounts[account & (BlockSize - 1)], added);
        Volatile.Write(ref _blocks[block], accounts);
        return added;
    }
}

/// <summary>The pages of one account, in order, and how many reports they hold.</summary>
internal sealed class AccountReports
{
    private const uint None = uint.MaxValue;

    private uint[] _pages = [];
    private ulong _count;

    /// <summary>Number of the last report appended since the start; the writer's.</summary>
    public ulong Appended { get; set; }

    /// <summary>Number of the last report that can be read; 0 for none. Set after the report is written.</summary>
    public ulong Count
    {
        get => Volatile.Read(ref _count);
        set => Volatile.Write(ref _count, value);
    }

    /// <summary>The page that holds the reports of one place in the row of pages; false when there is none (yet, or after a crash).</summary>
    public bool TryGetPage(int index, out uint page)
    {
        uint[] pages = Volatile.Read(ref _pages);
        page = index < pages.Length ? Volatile.Read(ref pages[index]) : None;
        return page != None;
    }

    public void SetPage(int index, uint page)
    {
        if (index >= _pages.Length)
        {
            uint[] longer = new uint[Math.Max(index + 1, _pages.Length * 2)];
            _pages.CopyTo(longer, 0);
            longer.AsSpan(_pages.Length).Fill(None);
            longer[index] = page;
            Volatile.Write(ref _pages, longer);
            return;
        }
        Volatile.Write(ref _pages[index], page);
    }
}
