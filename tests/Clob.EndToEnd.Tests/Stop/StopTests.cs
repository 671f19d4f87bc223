namespace Clob.EndToEnd.Tests;

/// <summary>Orderly stops in the middle of trading: nothing is lost or done twice, state agrees, reports and feed go on where they were.</summary>
public sealed class StopTests
{
    [Test]
    public async Task Goes_on_where_it_was_however_often_it_is_stopped_under_load()
    {
        var size = TestSize.Now;
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        TestContext.Progress.WriteLine($"seed {seed}");
        await using var venue = await LoadedVenue.OpenAsync(size, random);
        for (int stop = 0; stop < size.Stops; stop++)
        {
            await venue.StopUnderLoadAsync(TimeSpan.FromTicks(random.NextInt64(size.LongestLoad.Ticks)));
            var (reports, resent, messages) = venue.Counts;
            TestContext.Progress.WriteLine($"stop {stop + 1}: {reports} reports, {resent} envelopes resent, {messages} messages so far");
        }

        await venue.StopAsync();
    }
}
