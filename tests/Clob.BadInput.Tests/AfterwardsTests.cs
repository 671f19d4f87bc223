using System.Text.RegularExpressions;

namespace Clob.BadInput.Tests;

/// <summary>After all the others: who fell silent is gone, and of what the good traders did nothing is lost.</summary>
[Order(int.MaxValue)]
public sealed class AfterwardsTests
{
    [Test, Order(1)]
    public async Task Those_who_fell_silent_are_told_and_gone()
    {
        BadInputVenue.Silent.AssertThoseWithoutLoginAreDropped();
        await BadInputVenue.Silent.AssertHalfAFrameIsDroppedAsync();
        await BadInputVenue.Good.TradeOnAsync();
    }

    [Test, Order(2)]
    public async Task Who_does_not_read_is_disconnected_and_misses_nothing()
    {
        await BadInputVenue.Silent.AssertTheSlowReaderIsDroppedAndMissesNothingAsync();
        await BadInputVenue.Good.TradeOnAsync();
    }

    [Test, Order(3)]
    public void No_request_failed_inside() => Assert.That(BadInputVenue.Appliance.Output, Does.Not.Contain("Exception"));

    /// <summary>The least of several windows: the runtime itself allocates a little now and then, as it does when it compiles anew.</summary>
    [Test, Order(3)]
    public async Task The_threads_of_the_pipeline_allocate_nothing_while_the_good_traders_trade()
    {
        using var http = new HttpClient { BaseAddress = BadInputVenue.Appliance.Http };
        long least = long.MaxValue;
        for (int window = 0; window < 10 && least > 0; window++)
        {
            long before = await AllocatedAsync(http);
            for (int i = 0; i < 5; i++)
                await BadInputVenue.Good.TradeOnAsync();
            least = Math.Min(least, await AllocatedAsync(http) - before);
        }

        Assert.That(least, Is.Zero);
    }

    [Test, Order(4)]
    public async Task The_good_traders_lost_nothing_and_the_verifier_agrees()
    {
        await BadInputVenue.Good.StopAsync();
        await BadInputVenue.Good.AssertNothingWasLostAsync();
        using (var http = BadInputVenue.Appliance.CreateHttpClient())
        {
            var book = await http.GetBookAsync(1, depth: 10_000);
            Assert.That(book.Bids, Is.Empty);
            Assert.That(book.Asks.Select(level => (level.Price, level.Quantity)), Is.EqualTo(BadInputVenue.Good.Resting));
        }

        await BadInputVenue.Appliance.StopAsync();
        await BadInputVenue.Appliance.VerifyGreenAsync();
    }

    private static async Task<long> AllocatedAsync(HttpClient http)
    {
        var threads = Regex.Matches(await http.GetStringAsync(new Uri("metrics", UriKind.Relative)), "^clob_thread_allocated_bytes_total{.*} ([0-9]+)$", RegexOptions.Multiline);
        Assert.That(threads, Is.Not.Empty);
        return threads.Sum(thread => long.Parse(thread.Groups[1].Value));
    }
}
