using System.Buffers.Binary;
using System.Text;
using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>What no session survives: the venue says why in a debug packet and closes, and nothing of the frame is executed or numbered.</summary>
[Order(1)]
public sealed class DroppedSessionTests
{
    private const string BadLength = "malformed packet: its length is zero or above that of the largest envelope";
    private const string BadType = "malformed packet: unknown type";
    private const int FirstCommand = Envelope.HeadSize;
    private const int FirstBody = FirstCommand + Command.HeadSize;

    private BadTrader _trader = null!;

    [OneTimeSetUp]
    public async Task RegisterAsync() => _trader = await BadTrader.RegisterAsync(BadInputVenue.Appliance);

    [OneTimeTearDown]
    public async Task DisposeAsync() => await _trader.DisposeAsync();

    [TearDown]
    public Task TheGoodSessionTradesOn() => BadInputVenue.Good.TradeOnAsync();

    private static IEnumerable<TestCaseData> Packets()
    {
        yield return Packet("length zero", BadLength, [0, 0]);
        yield return Packet("length just above the largest envelope", BadLength, [0x20, 0x02]);
        yield return Packet("largest length", BadLength, [0xff, 0xff, (byte)'U']);
        yield return Packet("unknown type", BadType, [0, 1, (byte)'X']);
        yield return Packet("type of the venue's own packets", BadType, [0, 1, (byte)'S']);
        yield return Packet("type zero", BadType, [0, 1, 0]);
        yield return Packet("an HTTP request", BadLength, Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"));
        yield return Packet("a TLS hello", BadType, [0x16, 0x03, 0x01, .. new byte[0x1603]]);
    }

    [TestCaseSource(nameof(Packets))]
    public async Task Says_why_a_packet_is_malformed(byte[] bytes, string text)
    {
        using var session = _trader.LogIn();
        session.SendWhatIsTaken(bytes);
        session.ExpectDropped(text);
        await AssertNothingHappenedAsync();
    }

    [TestCaseSource(nameof(Packets))]
    public void Says_so_before_a_login_too(byte[] bytes, string text)
    {
        using var session = new RawSession(BadInputVenue.Appliance.OrderEntry);
        session.SendWhatIsTaken(bytes);
        session.ExpectDropped(text);
    }

    private static IEnumerable<TestCaseData> Envelopes()
    {
        yield return Mutated("nothing at all", "malformed envelope: shorter than its head and signature", static _ => []);
        yield return Mutated("one byte short of head and signature", "malformed envelope: shorter than its head and signature", static good => good[..(Envelope.HeadSize + Envelope.SignatureSize - 1)]);
        yield return Mutated("count 0", "malformed envelope: it must have 1 to 128 commands", static good => Put16(good, 24, 0));
        yield return Mutated("count 129", "malformed envelope: it must have 1 to 128 commands", static good => Put16(good, 24, 129));
        yield return Mutated("count 65535", "malformed envelope: it must have 1 to 128 commands", static good => Put16(good, 24, ushort.MaxValue));
        yield return Mutated("nonces past 64 bits", "malformed envelope: its nonces pass the end of 64 bits", static good => Put64(good, 8, ulong.MaxValue));
        yield return Mutated("count above what is there", "malformed envelope: a command's length points beyond its end", static good => Put16(good, 24, 2));
        yield return Mutated("a command's length beyond the envelope", "malformed envelope: a command's length points beyond its end", static good => Put8(good, FirstCommand + 1, 255));
        yield return Mutated("a command's length into the signature", "malformed envelope: a command's length points beyond its end", static good => Put8(good, FirstCommand + 1, (byte)(good[FirstCommand + 1] + 1)));
        yield return Mutated("unknown command type", "malformed envelope: unknown command type", static good => Put8(good, FirstCommand, 99));
        yield return Mutated("command type 0", "malformed envelope: unknown command type", static good => Put8(good, FirstCommand, 0));
        yield return Mutated("undefined presence bit", "malformed envelope: a command's length is not what its type and presence bits say", static good => Put16(good, FirstBody, 0x8000));
        yield return Mutated("presence bit without its field", "malformed envelope: a command's length is not what its type and presence bits say", static good => Put16(good, FirstBody, NewOrder.HasDeadline));
        yield return Mutated("undefined side", "malformed envelope: a field holds an undefined value", static good => Put8(good, FirstBody + 4, 3));
        yield return Mutated("undefined order type", "malformed envelope: a field holds an undefined value", static good => Put8(good, FirstBody + 5, 0));
        yield return Mutated("undefined time in force", "malformed envelope: a field holds an undefined value", static good => Put8(good, FirstBody + 6, 5));
        yield return Mutated("undefined flag", "malformed envelope: a field holds an undefined value", static good => Put8(good, FirstBody + 7, 0x82));
        yield return Mutated("trailing bytes", "malformed envelope: bytes after its last command", static good => [.. good[..^Envelope.SignatureSize], 7, .. good[^Envelope.SignatureSize..]]);
    }

    [TestCaseSource(nameof(Envelopes))]
    public async Task Says_why_an_envelope_is_malformed(Func<byte[], byte[]> mutate, string text)
    {
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, mutate(_trader.HarmlessEnvelope()));
        session.ExpectDropped(text);
        await AssertNothingHappenedAsync();
    }

    [Test]
    public async Task Takes_no_envelope_of_another_account()
    {
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(account: BadInputVenue.Good.Account));
        session.ExpectDropped("the envelope is of another account than the session");
        await AssertNothingHappenedAsync();
    }

    [Test]
    public async Task Takes_no_envelope_of_the_operator()
    {
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(account: 0));
        session.ExpectDropped("the envelope is of another account than the session");
        await AssertNothingHappenedAsync();
    }

    [Test]
    public async Task Takes_no_envelope_before_the_login()
    {
        using var session = new RawSession(BadInputVenue.Appliance.OrderEntry);
        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope());
        session.ExpectDropped("malformed packet: a login must come first");
        await AssertNothingHappenedAsync();
    }

    [Test]
    public void Takes_one_login_only()
    {
        using var session = _trader.LogIn();
        session.SendLogin(_trader.Account, _trader.Token);
        session.ExpectDropped("malformed packet: this session is logged in already");
    }

    /// <summary>Three times as many as may be open, one after the other, none of them closed by its client.</summary>
    [Test]
    public async Task Who_was_dropped_comes_back_at_once_however_often_and_whether_it_closes_or_not()
    {
        const int SessionsOfAccount = 64;
        await using var trader = await BadTrader.RegisterAsync(BadInputVenue.Appliance);
        var dropped = new List<RawSession>();
        for (int i = 0; i < 3 * SessionsOfAccount; i++)
        {
            var session = trader.LogIn();
            dropped.Add(session);
            session.Send(SoupPacketType.UnsequencedData, []);
            session.ExpectDropped("malformed envelope: shorter than its head and signature");
        }

        using var after = trader.LogIn();
        dropped.ForEach(static session => session.Dispose());
        after.Send(SoupPacketType.UnsequencedData, trader.HarmlessEnvelope());
        Assert.That(after.ReceiveReport().Nonce, Is.EqualTo(1));
    }

    private static IEnumerable<TestCaseData> Logins()
    {
        yield return Login("wrong token", 'A', static trader => LoginOf(trader.Account, "AAAAAAAAAA"));
        yield return Login("no token", 'A', static trader => LoginOf(trader.Account, ""));
        yield return Login("another account's token", 'A', static trader => LoginOf(BadInputVenue.Good.Account, trader.Token));
        yield return Login("unknown account", 'A', static trader => LoginOf(999_999_999, trader.Token));
        yield return Login("the operator's account", 'A', static trader => LoginOf(0, trader.Token));
        yield return Login("no account", 'A', static trader => Overwrite(LoginOf(trader.Account, trader.Token), 0, "      "));
        yield return Login("an account that is no number", 'A', static trader => Overwrite(LoginOf(trader.Account, trader.Token), 0, "_-!?$%"));
        yield return Login("a sequence that is no number", 'A', static trader => Overwrite(LoginOf(trader.Account, trader.Token), 26, "                 -1"));
        yield return Login("a sequence past 64 bits", 'A', static trader => Overwrite(LoginOf(trader.Account, trader.Token), 26, "99999999999999999999"));
        yield return Login("a byte short", 'A', static trader => LoginOf(trader.Account, trader.Token)[..^1]);
        yield return Login("empty", 'A', static _ => []);
        yield return Login("another venue's session", 'S', static trader => Overwrite(LoginOf(trader.Account, trader.Token), 16, "ZZZZZZZ001"));
    }

    [TestCaseSource(nameof(Logins))]
    public void Rejects_a_login(object login, char reason)
    {
        using var session = new RawSession(BadInputVenue.Appliance.OrderEntry);
        session.Send(SoupPacketType.LoginRequest, ((Func<BadTrader, byte[]>)login)(_trader));
        var answer = session.Receive();
        Assert.That(answer?.Type, Is.EqualTo(SoupPacketType.LoginRejected));
        Assert.That(answer!.Value.Payload, Is.EqualTo(new[] { (byte)reason }));
        session.ExpectClosed();
    }

    [Test]
    public async Task A_login_that_wants_reports_of_the_future_is_told_where_the_venue_stands()
    {
        ulong next = (await _trader.ReadAsync()).NextReportSequence;
        using var session = new RawSession(BadInputVenue.Appliance.OrderEntry);
        session.SendLogin(_trader.Account, _trader.Token, sequence: ulong.MaxValue);
        var answer = session.Receive();
        Assert.That(answer?.Type, Is.EqualTo(SoupPacketType.LoginAccepted));
        Assert.That(SoupLoginAccepted.TryRead(answer!.Value.Payload, out var accepted));
        Assert.That(accepted.Sequence, Is.EqualTo(next));
    }

    [Test]
    public void Fifty_connections_of_random_bytes_do_no_harm()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int i = 0; i < 50; i++)
        {
            using var session = i % 2 == 0 ? new RawSession(BadInputVenue.Appliance.OrderEntry) : _trader.LogIn();
            byte[] bytes = new byte[random.Next(1, 20_000)];
            random.NextBytes(bytes);
            session.SendWhatIsTaken(bytes);
        }
    }

    [Test]
    public async Task Random_changes_of_an_envelope_do_no_harm()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] good = _trader.HarmlessEnvelope();
        for (int i = 0; i < 50; i++)
        {
            byte[] bad = [.. good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                bad[random.Next(bad.Length)] ^= (byte)random.Next(1, 256);
            if (bad.AsSpan().SequenceEqual(good))
                continue;
            using var session = _trader.LogIn();
            session.Send(SoupPacketType.UnsequencedData, bad);
            var answer = session.Receive();
            if (answer?.Type == SoupPacketType.SequencedData)
            {
                Assert.That(ExchangeEvent.TryReadReport(answer.Value.Payload, out var report));
                Assert.That((report.Kind, report.Reason), Is.EqualTo((EventKind.EnvelopeRejected, (byte)RejectReason.BadSignature)));
            }
            else
            {
                Assert.That(answer?.Type, Is.EqualTo(SoupPacketType.Debug));
            }

            session.ExpectClosed();
        }

        Assert.That((await _trader.ReadAsync()).NextNonce, Is.EqualTo(1), "nothing was executed");
    }

    private async Task AssertNothingHappenedAsync()
    {
        var account = await _trader.ReadAsync();
        Assert.That(account.NextNonce, Is.EqualTo(1));
        Assert.That(account.OpenOrders, Is.Empty);
    }

    private static TestCaseData Packet(string name, string text, byte[] bytes) => new TestCaseData(bytes, text).SetArgDisplayNames(name);

    private static TestCaseData Mutated(string name, string text, Func<byte[], byte[]> mutate) => new TestCaseData(mutate, text).SetArgDisplayNames(name);

    private static TestCaseData Login(string name, char reason, Func<BadTrader, byte[]> login) => new TestCaseData(login, reason).SetArgDisplayNames(name);

    private static byte[] LoginOf(ulong account, string token)
    {
        byte[] login = new byte[SoupLogin.Size];
        new SoupLogin(account, token, "", 1).Write(login);
        return login;
    }

    private static byte[] Overwrite(byte[] bytes, int offset, string text)
    {
        Encoding.ASCII.GetBytes(text, bytes.AsSpan(offset));
        return bytes;
    }

    private static byte[] Put8(byte[] bytes, int offset, byte value)
    {
        bytes[offset] = value;
        return bytes;
    }

    private static byte[] Put16(byte[] bytes, int offset, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(offset), value);
        return bytes;
    }

    private static byte[] Put64(byte[] bytes, int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(offset), value);
        return bytes;
    }
}
