using System.Diagnostics;

namespace Clob.Ring.Tests;

/// <summary>What every way to block must do.</summary>
[TestFixture(typeof(FutexIdle))]
[TestFixture(typeof(EventFdIdle))]
public class IdleContractTests<TIdle>
    where TIdle : IIdle, new()
{
    private const int FiveMinutes = 300_000_000;

    private TIdle _idle = default!;

    [SetUp]
    public void NewIdle() => _idle = new TIdle();

    [TearDown]
    public void DisposeIdle() => (_idle as IDisposable)?.Dispose();

    [Test]
    public void A_token_left_before_the_block_ends_it_at_once()
    {
        _idle.Wake();
        Assert.That(BlockInThread(FiveMinutes).Join(Stopping.Patience), Is.True);
    }

    [Test]
    public void A_blocked_thread_is_woken()
    {
        Thread blocked = BlockInThread(FiveMinutes);
        Assert.That(blocked.Join(50), Is.False, "nothing wakes it yet");
        _idle.Wake();
        Assert.That(blocked.Join(Stopping.Patience), Is.True);
    }

    [Test]
    public void A_token_serves_once()
    {
        _idle.Wake();
        _idle.Wake();
        _idle.Block(FiveMinutes);
        Thread blocked = BlockInThread(FiveMinutes);
        Assert.That(blocked.Join(50), Is.False);
        _idle.Wake();
        Assert.That(blocked.Join(Stopping.Patience), Is.True);
    }

    [Test]
    public void A_block_ends_by_itself_after_its_timeout()
    {
        long start = Stopwatch.GetTimestamp();
        _idle.Block(20_000);
        Assert.That(Stopwatch.GetElapsedTime(start).TotalMilliseconds, Is.GreaterThan(15));
    }

    private Thread BlockInThread(int timeoutMicroseconds)
    {
        Thread thread = new(() => _idle.Block(timeoutMicroseconds)) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
