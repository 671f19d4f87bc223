using Clob.Appliance.Pipeline;

namespace Clob.Pipeline.Tests;

public sealed class RecordTimeTests
{
    [TestCase("1970-01-01T00:00:00.0000000Z", 0UL)]
    [TestCase("1970-01-01T00:00:00.0000001Z", 100UL)]
    [TestCase("2001-09-09T01:46:40.0000000Z", 1_000_000_000_000_000_000UL)]
    [TestCase("2026-02-03T04:05:06.7890123Z", 1_770_091_506_789_012_300UL)]
    public void Counts_nanoseconds_since_1970(string shown, ulong time)
    {
        var moment = DateTimeOffset.Parse(shown, System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(RecordTime.Now(new StoppedClock(moment)), Is.EqualTo(time));
        Assert.That(RecordTime.ToDateTime(time), Is.EqualTo(moment));
        Assert.That(RecordTime.ToDateTime(time + 99), Is.EqualTo(moment), "finer than a tick is cut");
    }

    [Test]
    public void Refuses_a_clock_that_shows_a_time_before_1970() =>
        Assert.That(() => RecordTime.Now(new StoppedClock(DateTimeOffset.UnixEpoch.AddTicks(-1))), Throws.TypeOf<OverflowException>());

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
