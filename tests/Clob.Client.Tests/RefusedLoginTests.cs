using Clob.Protocol;

namespace Clob.Client.Tests;

/// <summary>What a login that is refused means: never, or not now.</summary>
public sealed class RefusedLoginTests
{
    private static readonly NewOrder Order = NewOrder.Limit(1, Side.Buy, 100, 1);

    private ScriptedVenue _venue = null!;
    private RecordingListener _heard = null!;

    [SetUp]
    public void Open() => (_venue, _heard) = (new ScriptedVenue(), new RecordingListener());

    [TearDown]
    public void Close() => _venue.Dispose();

    [TestCase('A', "session token")]
    [TestCase('S', "session is not this venue's")]
    public async Task Says_why_a_login_was_rejected(char reason, string expected)
    {
        var connecting = OrderEntryClient.ConnectAsync(_venue.Options(), _heard, ScriptedVenue.Patience);
        await _venue.AcceptAsync();
        _venue.Send(SoupPacketType.LoginRejected, [(byte)reason]);
        var rejected = Assert.ThrowsAsync<LoginRejectedException>(() => connecting);
        Assert.That(rejected!.Reason, Is.EqualTo((byte)reason));
        Assert.That(rejected.Message, Does.Contain(expected));
        Assert.That(rejected.IsTemporary, Is.False);
    }

    [Test]
    public async Task Says_what_the_venue_said_of_a_rejected_login()
    {
        var connecting = OrderEntryClient.ConnectAsync(_venue.Options(), _heard, ScriptedVenue.Patience);
        await _venue.AcceptAsync();
        _venue.Send(SoupPacketType.Debug, "wait a while"u8);
        _venue.Send(SoupPacketType.LoginRejected, "A"u8);
        var rejected = Assert.ThrowsAsync<LoginRejectedException>(() => connecting);
        Assert.That(rejected!.Remark, Is.EqualTo("wait a while"));
        Assert.That(rejected.Message, Does.EndWith("wait a while"));
        Assert.That(rejected.IsTemporary, Is.True);
    }

    [Test]
    public async Task Tries_again_with_longer_pauses_while_the_venue_takes_no_session_of_the_account()
    {
        var clock = new ManualClock();
        var options = _venue.Options() with { Clock = clock, ReconnectPause = TimeSpan.FromSeconds(1), LongestReconnectPause = TimeSpan.FromSeconds(3) };
        await using var client = await _venue.ConnectAsync(_heard, options);
        await client.SendAsync(Order);
        _venue.Drop();
        Assert.That(await _heard.NextAsync(), Is.EqualTo("disconnected ConnectionLost"));
        foreach (int pause in new[] { 1, 2, 3, 3 })
        {
            await clock.WaitForTimerAsync(TimeSpan.FromSeconds(pause));
            var accepting = _venue.AcceptAsync();
            clock.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromTicks(1));
            Assert.That(accepting.IsCompleted, Is.False);
            clock.Advance(TimeSpan.FromTicks(1));
            await accepting;
            _venue.Send(SoupPacketType.Debug, "too many sessions"u8);
            _venue.Send(SoupPacketType.LoginRejected, "A"u8);
            Assert.That(await _heard.NextAsync(), Is.EqualTo("debug too many sessions"));
        }

        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(3));
        clock.Advance(TimeSpan.FromSeconds(3));
        await _venue.AdmitAsync();
        Assert.That(await _heard.NextAsync(), Is.EqualTo("reconnected 1 1"));
        Assert.That(Envelope.TryRead(await _venue.ReadEnvelopeAsync(), out var resent, out _));
        Assert.That(resent.FirstNonce, Is.EqualTo(1));
        Assert.That(client.Completion.IsCompleted, Is.False);
    }

    [TestCase(null, 'A')]
    [TestCase(null, 'S')]
    [TestCase("another venue", 'S')]
    public async Task Gives_up_at_once_when_it_comes_back_and_is_refused_for_good(string? remark, char reason)
    {
        await using var client = await _venue.ConnectAsync(_heard);
        _venue.Drop();
        await _venue.AcceptAsync();
        if (remark is not null)
            _venue.Send(SoupPacketType.Debug, System.Text.Encoding.ASCII.GetBytes(remark));
        _venue.Send(SoupPacketType.LoginRejected, [(byte)reason]);
        var rejected = Assert.ThrowsAsync<LoginRejectedException>(() => client.Completion.WaitAsync(ScriptedVenue.Patience));
        Assert.That((rejected!.Reason, rejected.Remark), Is.EqualTo(((byte)reason, remark)));
        Assert.ThrowsAsync<ObjectDisposedException>(() => client.SendAsync(Order).AsTask());
    }
}
