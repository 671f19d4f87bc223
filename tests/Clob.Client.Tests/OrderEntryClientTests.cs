using Clob.Protocol;

namespace Clob.Client.Tests;

public sealed class OrderEntryClientTests
{
    private static readonly NewOrder Order = NewOrder.Limit(1, Side.Buy, 100, 1);

    private ScriptedVenue _venue = null!;
    private RecordingListener _heard = null!;

    [SetUp]
    public void Open() => (_venue, _heard) = (new ScriptedVenue(), new RecordingListener());

    [TearDown]
    public void Close() => _venue.Dispose();

    [Test]
    public async Task Logs_in_with_account_token_and_wanted_sequence()
    {
        var connecting = OrderEntryClient.ConnectAsync(_venue.Options(nextReport: 41), _heard, ScriptedVenue.Patience);
        var login = await _venue.AdmitAsync();
        await using var client = await connecting;
        Assert.That(login, Is.EqualTo(new SoupLogin(ScriptedVenue.Account, ScriptedVenue.Token, "", 41)));
        Assert.That(client.Session, Is.EqualTo("SESSION001"));
        Assert.That(client.NextReportSequence, Is.EqualTo(41));
    }

    [Test]
    public async Task Counts_nonces_over_envelopes_and_commands()
    {
        await using var client = await _venue.ConnectAsync(_heard, _venue.Options(nextNonce: 5));
        Assert.That(await client.SendAsync(Order), Is.EqualTo(5));
        ulong second = await client.SendAsync(static (ref EnvelopeBuilder envelope, int count) =>
        {
            for (int i = 0; i < count; i++)
                envelope.TryAdd(Order);
        }, 128);
        Assert.That(second, Is.EqualTo(6));
        Assert.That(client.NextNonce, Is.EqualTo(134));
        Assert.That(FirstNonceOf(await _venue.ReadEnvelopeAsync()), Is.EqualTo((5, 1)));
        Assert.That(FirstNonceOf(await _venue.ReadEnvelopeAsync()), Is.EqualTo((6, 128)));
    }

    [Test]
    public async Task Takes_reports_that_come_byte_by_byte()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        byte[] bytes = [.. ScriptedVenue.ReportPacket(1, EventKind.Accepted, 1), .. ScriptedVenue.ReportPacket(2, EventKind.Executed, 1)];
        foreach (byte part in bytes)
            _venue.SendRaw([part]);
        Assert.That(await _heard.NextAsync(), Is.EqualTo("1 Accepted 1"));
        Assert.That(await _heard.NextAsync(), Is.EqualTo("2 Executed 1"));
    }

    [Test]
    public async Task Holds_back_beyond_32_unacknowledged_envelopes()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        for (int i = 0; i < 32; i++)
            Assert.That(client.TryEnqueue(One, 0, out _), Is.True);
        Assert.That(client.TryEnqueue(One, 0, out _), Is.False);
        await client.FlushAsync();
        var waiting = client.SendAsync(Order).AsTask();
        Assert.That(waiting.IsCompleted, Is.False);
        _venue.Report(1, EventKind.Accepted, 1);
        Assert.That(await waiting.WaitAsync(ScriptedVenue.Patience), Is.EqualTo(33));
        for (int i = 1; i <= 33; i++)
            Assert.That(FirstNonceOf(await _venue.ReadEnvelopeAsync()).First, Is.EqualTo((ulong)i));
    }

    [Test]
    public async Task An_envelope_is_acknowledged_when_all_its_commands_are_answered()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        await client.SendAsync(Three, 0);
        var drained = client.DrainAsync();
        _venue.Report(1, EventKind.Accepted, 1);
        _venue.Report(2, EventKind.Executed, 1);
        _venue.Report(3, EventKind.Rejected, 3);
        for (int i = 0; i < 3; i++)
            await _heard.NextAsync();
        Assert.That((client.Unacknowledged, drained.IsCompleted), Is.EqualTo((1, false)));
        _venue.Report(4, EventKind.Completed, 2);
        await drained.WaitAsync(ScriptedVenue.Patience);
        Assert.That(client.Unacknowledged, Is.Zero);
    }

    [Test]
    public async Task What_the_venue_refuses_for_now_is_neither_waited_for_nor_sent_again()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        await client.SendAsync(Order);
        await client.SendAsync(Three, 0); // nonces 2 to 4
        await client.SendAsync(Order);
        var drained = client.DrainAsync();
        _venue.Refuse(2);
        Assert.That(await _heard.NextAsync(), Does.StartWith("debug refused 2: "));
        Assert.That(await _heard.NextAsync(), Is.EqualTo("refused 2 3"));
        _venue.Refuse(77); // of no envelope that waits
        Assert.That(await _heard.NextAsync(), Does.StartWith("debug refused 77: "));
        Assert.That((client.Unacknowledged, drained.IsCompleted), Is.EqualTo((2, false)));

        _venue.Drop();
        await _venue.AdmitAsync();
        foreach (ulong left in new ulong[] { 1, 5 })
            Assert.That(FirstNonceOf(await _venue.ReadEnvelopeAsync()).First, Is.EqualTo(left), "in order, without the refused one");
        _venue.Report(1, EventKind.Accepted, 1);
        _venue.Refuse(5); // of what was sent before: it may have been taken then
        foreach (string heard in (string[])["disconnected ", "reconnected ", "1 Accepted 1", "debug refused 5: "])
            Assert.That(await _heard.NextAsync(), Does.StartWith(heard));
        Assert.That((client.Unacknowledged, drained.IsCompleted), Is.EqualTo((1, false)));
        _venue.Report(2, EventKind.Accepted, 5);
        await drained.WaitAsync(ScriptedVenue.Patience);
        for (int i = 0; i < 32; i++)
            Assert.That(client.TryEnqueue(One, 0, out _), Is.True, "a refused envelope gives its place back");
        Assert.That(client.TryEnqueue(One, 0, out _), Is.False);
    }

    [TestCase(EventKind.Duplicate)]
    [TestCase(EventKind.EnvelopeRejected)]
    public async Task An_envelope_is_acknowledged_as_a_whole(EventKind kind)
    {
        await using var client = await _venue.ConnectAsync(_heard);
        await client.SendAsync(Three, 0);
        _venue.Report(1, kind, 1);
        await client.DrainAsync(ScriptedVenue.Patience);
    }

    [TestCase(EventKind.Cancelled)]
    [TestCase(EventKind.Reduced)]
    public async Task What_happened_to_an_order_answers_the_command_that_asked_for_it(EventKind kind)
    {
        await using var client = await _venue.ConnectAsync(_heard, _venue.Options(nextNonce: 50));
        if (kind == EventKind.Cancelled)
            await client.SendAsync(new Cancel(1, 900));
        else
            await client.SendAsync(new Reduce(1, 900, 1));
        _venue.Report(1, kind, nonce: 3, r => r with { OrderId = 900, Reason = kind == EventKind.Cancelled ? (byte)CancelReason.Requested : (byte)0 });
        await client.DrainAsync(ScriptedVenue.Patience);
    }

    // The venue numbers orders one after the other, so who trades alone can name one before it is there.
    [TestCase(EventKind.Cancelled)]
    [TestCase(EventKind.Reduced)]
    public async Task What_happened_to_an_order_of_the_same_envelope_answers_the_command_that_asked_for_it(EventKind kind)
    {
        await using var client = await _venue.ConnectAsync(_heard);
        await client.SendAsync(
            (ref EnvelopeBuilder builder, EventKind asked) =>
            {
                builder.TryAdd(Order);
                if (asked == EventKind.Cancelled)
                    builder.TryAdd(new Cancel(1, 900));
                else
                    builder.TryAdd(new Reduce(1, 900, 1));
            },
            kind);
        _venue.Report(1, EventKind.Accepted, nonce: 1, r => r with { OrderId = 900 });
        _venue.Report(2, kind, nonce: 1, r => r with { OrderId = 900, Reason = kind == EventKind.Cancelled ? (byte)CancelReason.Requested : (byte)0 });
        await client.DrainAsync(ScriptedVenue.Patience);
    }

    [Test]
    public async Task What_another_session_did_to_an_order_passes_over_nothing()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        await client.SendAsync(Order);
        await client.SendAsync(new Cancel(1, 900));
        _venue.Report(1, EventKind.Cancelled, nonce: 70, r => r with { OrderId = 900, Reason = (byte)CancelReason.Requested });
        Assert.That(await _heard.NextAsync(), Is.EqualTo("1 Cancelled 70"));
        Assert.That(client.Unacknowledged, Is.EqualTo(2));
        _venue.Report(2, EventKind.Accepted, nonce: 1);
        await client.DrainAsync(ScriptedVenue.Patience);
        Assert.That(await _heard.NextAsync(), Is.EqualTo("2 Accepted 1"));
        Assert.That(_heard.HeardMore, Is.False, "nobody was passed over");
    }

    [Test]
    public async Task Names_an_envelope_that_was_passed_over()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        await client.SendAsync(Three, 0);
        await client.SendAsync(Order);
        _venue.Report(1, EventKind.Accepted, 4);
        await client.DrainAsync(ScriptedVenue.Patience);
        Assert.That(await _heard.NextAsync(), Is.EqualTo("1 Accepted 4"));
        Assert.That(await _heard.NextAsync(), Is.EqualTo("unanswered 1 3"));
    }

    [Test]
    public async Task Refuses_what_the_venue_would_drop_the_session_for()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        var refused = Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(Order with { OrderType = 0 }).AsTask());
        Assert.That(refused!.Message, Does.Contain("FieldValue"));
        Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(static (ref EnvelopeBuilder _, int _) => { }, 0).AsTask());
        Assert.That((client.NextNonce, client.Unacknowledged), Is.EqualTo((1, 0)));
        for (int i = 0; i < 32; i++)
            Assert.That(client.TryEnqueue(One, 0, out _), Is.True, "the window was given back");
    }

    [TestCase(RejectReason.NonceReused)]
    [TestCase(RejectReason.NonceTooOld)]
    public async Task Goes_on_from_the_nonce_that_a_reject_names(RejectReason reason)
    {
        await using var client = await _venue.ConnectAsync(_heard);
        await client.SendAsync(Order);
        _venue.Report(1, EventKind.EnvelopeRejected, 1, r => r with { Reason = (byte)reason, Reference = 77 });
        await client.DrainAsync(ScriptedVenue.Patience);
        Assert.That(await client.SendAsync(Order), Is.EqualTo(77));
    }

    [Test]
    public async Task Comes_back_with_the_next_sequence_and_resends_what_is_not_acknowledged()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        await client.SendAsync(Order);
        await client.SendAsync(Three, 0);
        await _venue.ReadEnvelopeAsync();
        byte[] lost = await _venue.ReadEnvelopeAsync();
        _venue.Report(1, EventKind.Accepted, 1);
        Assert.That(await _heard.NextAsync(), Is.EqualTo("1 Accepted 1"));
        _venue.Drop();
        Assert.That(await _heard.NextAsync(), Is.EqualTo("disconnected ConnectionLost"));
        await client.SendAsync(Order); // while the connection is down
        var login = await _venue.AdmitAsync();
        Assert.That(login.Sequence, Is.EqualTo(2));
        Assert.That(await _heard.NextAsync(), Is.EqualTo("reconnected 2 2"));
        Assert.That(await _venue.ReadEnvelopeAsync(), Is.EqualTo(lost));
        Assert.That(FirstNonceOf(await _venue.ReadEnvelopeAsync()), Is.EqualTo((5, 1)));
        _venue.Report(2, EventKind.Duplicate, 2);
        _venue.Report(3, EventKind.Accepted, 5);
        await client.DrainAsync(ScriptedVenue.Patience);
    }

    [Test]
    public async Task Pauses_longer_each_time_a_session_ends_without_a_report()
    {
        var clock = new ManualClock();
        var options = _venue.Options() with { Clock = clock, ReconnectPause = TimeSpan.FromSeconds(1), LongestReconnectPause = TimeSpan.FromSeconds(3) };
        await using var client = await _venue.ConnectAsync(_heard, options);
        foreach (int pause in new[] { 1, 2, 3, 3 })
        {
            _venue.Drop();
            Assert.That(await _heard.NextAsync(), Is.EqualTo("disconnected ConnectionLost"));
            await clock.WaitForTimerAsync(TimeSpan.FromSeconds(pause));
            var admitting = _venue.AdmitAsync();
            clock.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromTicks(1));
            Assert.That(admitting.IsCompleted, Is.False);
            clock.Advance(TimeSpan.FromTicks(1));
            await admitting;
            Assert.That(await _heard.NextAsync(), Is.EqualTo("reconnected 1 0"));
        }
    }

    [Test]
    public async Task Both_sides_of_the_heartbeat_keep_time()
    {
        var clock = new ManualClock();
        await using var client = await _venue.ConnectAsync(_heard, _venue.Options() with { Clock = clock, Reconnect = false });
        for (int second = 1; second <= 14; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1.1));
            Assert.That((await _venue.ReadAsync()).Type, Is.EqualTo(SoupPacketType.ClientHeartbeat), $"second {second}");
            if (second == 7)
            {
                _venue.Send(SoupPacketType.Debug, "still here"u8);
                Assert.That(await _heard.NextAsync(), Is.EqualTo("debug still here"));
            }
        }

        Assert.That(_heard.HeardMore, Is.False);
        clock.Advance(TimeSpan.FromSeconds(8));
        Assert.That(await _heard.NextAsync(), Is.EqualTo("disconnected Silence"));
    }

    [Test]
    public async Task End_of_session_ends_the_client_and_its_channel()
    {
        var channel = new ReportChannel();
        await using var client = await _venue.ConnectAsync(channel);
        _venue.Report(1, EventKind.Deposited, 0);
        _venue.Send(SoupPacketType.EndOfSession, default);
        var reports = new List<ExchangeEvent>();
        await foreach (var report in channel.Reports.ReadAllAsync(ScriptedVenue.Patience))
            reports.Add(report);
        await client.Completion.WaitAsync(ScriptedVenue.Patience);
        Assert.That(reports, Has.Count.EqualTo(1));
        Assert.ThrowsAsync<ObjectDisposedException>(() => client.SendAsync(Order).AsTask());
    }

    [Test]
    public async Task A_report_out_of_sequence_ends_the_client()
    {
        await using var client = await _venue.ConnectAsync(_heard);
        _venue.Report(2, EventKind.Accepted, 1);
        Assert.That(await _heard.NextAsync(), Is.EqualTo("disconnected ProtocolViolation"));
        Assert.ThrowsAsync<IOException>(() => client.Completion.WaitAsync(ScriptedVenue.Patience));
    }

    [Test]
    public async Task Random_bytes_end_a_session_and_never_more_than_that()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 20; round++)
        {
            var heard = new RecordingListener();
            await using var client = await _venue.ConnectAsync(heard, _venue.Options() with { Reconnect = false });
            byte[] junk = new byte[random.Next(1, 400)];
            random.NextBytes(junk);
            _venue.SendRaw(junk);
            _venue.Drop();
            var ended = await Task.WhenAny(client.Completion, Task.Delay(TimeSpan.FromSeconds(10)));
            Assert.That(ended, Is.SameAs(client.Completion), $"seed {seed} round {round}: {Convert.ToHexString(junk)}");
            Assert.That(client.Completion.Exception?.InnerException, Is.Null.Or.TypeOf<IOException>(), $"seed {seed} round {round}: {Convert.ToHexString(junk)}");
        }
    }

    private static void One(ref EnvelopeBuilder envelope, int state) => envelope.TryAdd(Order);

    private static void Three(ref EnvelopeBuilder envelope, int state)
    {
        for (int i = 0; i < 3; i++)
            envelope.TryAdd(Order);
    }

    private static (ulong First, int Count) FirstNonceOf(byte[] bytes)
    {
        Assert.That(Envelope.TryRead(bytes, out var envelope, out _), Is.True);
        return (envelope.FirstNonce, envelope.Count);
    }
}
