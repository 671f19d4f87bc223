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
    public async Task No_request_failed_inside()
    {
        using var http = new HttpClient { BaseAddress = BadInputVenue.Appliance.Http };
        string metrics = await http.GetStringAsync(new Uri("metrics", UriKind.Relative));
        TestContext.Out.WriteLine(string.Join('\n', metrics.Split('\n').Where(line => Regex.IsMatch(line, "^clob_(malformed|bad_sig|logins_rej|slow|sessions|thread)"))));
        Assert.That(BadInputVenue.Appliance.Output, Does.Not.Contain("Exception"));
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
}
