using Clob.Client;
using Clob.Protocol;

namespace Clob.Load.Lobster;

/// <summary>A market that takes the orders of a replay and shows its book as the feed tells it.</summary>
internal interface ILobsterMarket
{
    /// <summary>The book rebuilt from the feed.</summary>
    FeedBook Book { get; }

    /// <summary>
    /// Sends orders and waits until the feed shows what they did. <paramref name="onFill"/> is called after each executed message of the
    /// feed, when the book has it, with the resting order's key and the quantity.
    /// </summary>
    Task ApplyAsync(IReadOnlyList<LobsterOrder> orders, Action<long, ulong> onFill, CancellationToken cancellation);
}

/// <summary>Drives a replay through a market and compares the book from the feed with each row of the file.</summary>
internal sealed class LobsterRun(LobsterFile file, ILobsterMarket market)
{
    private string? _difference;

    /// <summary>Rows found equal so far.</summary>
    public int EqualRows { get; private set; }

    /// <summary>Runs to the end or the first difference, which it returns; null when all rows are equal.</summary>
    public async Task<string?> RunAsync(CancellationToken cancellation)
    {
        var replay = new LobsterReplay(file);
        await market.ApplyAsync(replay.Opening(), (_, _) => _difference ??= "the opening orders traded", cancellation).ConfigureAwait(false);
        foreach (var step in replay.Steps())
        {
            await ApplyAsync(step, cancellation).ConfigureAwait(false);
            if (_difference is not null)
                return _difference;
        }

        return null;
    }

    private async Task ApplyAsync(LobsterStep step, CancellationToken cancellation)
    {
        int done = 0;
        await market.ApplyAsync(step.Orders, (key, quantity) => Compare(step, done++, key, quantity), cancellation).ConfigureAwait(false);
        if (done < step.Fills.Count)
            _difference ??= $"row {step.LastRow + 1}: {step.Fills.Count} fills expected, {done} found";
        if (step.Fills.Count == 0)
            Compare(step.LastRow);
    }

    private void Compare(LobsterStep step, int index, long key, ulong quantity)
    {
        if (index >= step.Fills.Count || step.Fills[index] is var expected && (expected.Key, expected.Quantity) != (key, quantity))
        {
            string wanted = index < step.Fills.Count ? $"fill of {step.Fills[index].Quantity} of order {step.Fills[index].Key}" : "no more fills";
            _difference ??= $"rows {step.FirstRow + 1} to {step.LastRow + 1}, fill {index + 1}: expected {wanted}, found {quantity} of order {key}";
        }
        else if (step.Fills[index].Row is { } row)
        {
            Compare(row);
        }
    }

    private void Compare(int row)
    {
        _difference ??= FirstDifference(file.Rows[row], row, Side.Buy) ?? FirstDifference(file.Rows[row], row, Side.Sell);
        if (_difference is null)
            EqualRows++;
    }

    private string? FirstDifference(LobsterRow row, int number, Side side)
    {
        var expected = row.Side(side);
        Span<FeedLevel> found = new FeedLevel[file.Depth];
        found = found[..market.Book.Depth(side, found)];
        for (int level = 0; level < Math.Max(expected.Count, found.Length); level++)
        {
            var (wanted, shown) = (level < expected.Count ? expected[level] : default, level < found.Length ? found[level] : default);
            if (wanted.Price != shown.Price || wanted.Size != shown.Quantity)
                return $"row {number + 1} {side} level {level + 1}: expected {wanted.Size} at {wanted.Price}, found {shown.Quantity} at {shown.Price}";
        }

        return null;
    }
}
