using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>Envelopes that are refused, or answered as repetitions, as a whole: they use up no nonce.</summary>
[Order(3)]
public sealed class EnvelopeRejectTests
{
    private const int Remembered = 32;

    private BadTrader _trader = null!;

    [SetUp]
    public async Task RegisterAsync() => _trader = await BadTrader.RegisterAsync(BadInputVenue.Appliance);

    [TearDown]
    public async Task TheGoodSessionTradesOn()
    {
        await _trader.DisposeAsync();
        await BadInputVenue.Good.TradeOnAsync();
    }

    [TestCase(0, TestName = "Refuses_a_changed_signature_and_closes")]
    [TestCase(Envelope.SignatureSize - 1, TestName = "Refuses_a_signature_changed_at_its_end_and_closes")]
    public async Task Refuses_a_changed_signature_and_closes(int offset)
    {
        byte[] envelope = _trader.HarmlessEnvelope();
        envelope[envelope.Length - Envelope.SignatureSize + offset] ^= 1;
        await AssertBadSignatureAsync(envelope);
    }

    [Test]
    public async Task Refuses_changed_content_and_closes()
    {
        byte[] envelope = _trader.HarmlessEnvelope();
        envelope[Envelope.HeadSize + Command.HeadSize + 23] ^= 1; // the quantity
        await AssertBadSignatureAsync(envelope);
    }

    [Test]
    public async Task Refuses_a_signature_of_zeros_and_closes()
    {
        byte[] envelope = _trader.HarmlessEnvelope();
        envelope.AsSpan(envelope.Length - Envelope.SignatureSize).Clear();
        await AssertBadSignatureAsync(envelope);
    }

    [Test]
    public async Task Refuses_the_signature_of_another_account_and_closes()
    {
        await using var other = await BadTrader.RegisterAsync(BadInputVenue.Appliance);
        await AssertBadSignatureAsync(other.HarmlessEnvelope(account: _trader.Account));
    }

    [Test]
    public async Task Answers_what_came_before_a_bad_signature()
    {
        byte[] bad = _trader.HarmlessEnvelope(nonce: 3);
        bad[^1] ^= 1;
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(nonce: 1));
        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(nonce: 2));
        session.Send(SoupPacketType.UnsequencedData, bad);
        Assert.That(session.ReceiveReport().Kind, Is.EqualTo(EventKind.Accepted));
        Assert.That(session.ReceiveReport().Kind, Is.EqualTo(EventKind.Accepted));
        Assert.That(session.ReceiveReport().Reason, Is.EqualTo((byte)RejectReason.BadSignature));
        session.ExpectClosed();
        Assert.That((await _trader.ReadAsync()).NextNonce, Is.EqualTo(3));
    }

    [Test]
    public async Task Refuses_what_is_expired_and_goes_on()
    {
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, _trader.Envelope(1, static (ref EnvelopeBuilder envelope) => envelope.TryAdd(new CancelAll()), expiry: 1));
        AssertEnvelopeRejected(session.ReceiveReport(), RejectReason.Expired, reference: 0);
        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(nonce: 1));
        Assert.That(session.ReceiveReport().Kind, Is.EqualTo(EventKind.Accepted));
        Assert.That((await _trader.ReadAsync()).NextNonce, Is.EqualTo(2));
    }

    [Test]
    public async Task Answers_a_repetition_as_a_duplicate_and_does_nothing()
    {
        using var session = _trader.LogIn();
        byte[] envelope = _trader.HarmlessEnvelope();
        session.Send(SoupPacketType.UnsequencedData, envelope);
        var original = session.ReceiveReport();
        for (int i = 0; i < 3; i++)
        {
            session.Send(SoupPacketType.UnsequencedData, envelope);
            var answer = session.ReceiveReport();
            Assert.That((answer.Kind, answer.Nonce, answer.OrderId, answer.Quantity, answer.Reference),
                Is.EqualTo((EventKind.Duplicate, 1UL, original.RecordSequence, 1UL, original.ReportSequence)));
        }

        Assert.That((await _trader.ReadAsync()).OpenOrders, Has.Count.EqualTo(1));
    }

    [Test]
    public void Refuses_a_used_nonce_with_other_content()
    {
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope());
        Assert.That(session.ReceiveReport().Kind, Is.EqualTo(EventKind.Accepted));
        session.Send(SoupPacketType.UnsequencedData, _trader.Envelope(1, static (ref EnvelopeBuilder envelope) => envelope.TryAdd(new CancelAll())));
        AssertEnvelopeRejected(session.ReceiveReport(), RejectReason.NonceReused, reference: 2);
    }

    [Test]
    public void Refuses_a_nonce_older_than_what_is_remembered_even_with_equal_content()
    {
        using var session = _trader.LogIn();
        for (ulong nonce = 1; nonce <= Remembered + 1; nonce++)
        {
            session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(nonce));
            Assert.That(session.ReceiveReport().Kind, Is.EqualTo(EventKind.Accepted));
        }

        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(nonce: 2));
        Assert.That(session.ReceiveReport().Kind, Is.EqualTo(EventKind.Duplicate));
        session.Send(SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(nonce: 1));
        AssertEnvelopeRejected(session.ReceiveReport(), RejectReason.NonceTooOld, reference: Remembered + 2);
    }

    [Test]
    public void Answers_in_order_who_sends_far_more_than_may_be_unacknowledged()
    {
        const int Envelopes = 10 * Remembered;
        using var session = _trader.LogIn();
        List<byte> sent = [];
        byte[] packet = new byte[SoupBinTcp.MaximumClientPacketSize];
        for (ulong nonce = 1; nonce <= Envelopes; nonce++)
            sent.AddRange(packet.AsSpan(0, SoupBinTcp.Write(packet, SoupPacketType.UnsequencedData, _trader.HarmlessEnvelope(nonce))));
        session.Send(sent.ToArray());
        for (ulong nonce = 1; nonce <= Envelopes; nonce++)
        {
            var answer = session.ReceiveReport();
            Assert.That((answer.Kind, answer.Nonce), Is.EqualTo((EventKind.Accepted, nonce)));
        }
    }

    private async Task AssertBadSignatureAsync(byte[] envelope)
    {
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, envelope);
        AssertEnvelopeRejected(session.ReceiveReport(), RejectReason.BadSignature, reference: 0);
        session.ExpectClosed();
        var account = await _trader.ReadAsync();
        Assert.That(account.NextNonce, Is.EqualTo(1));
        Assert.That(account.OpenOrders, Is.Empty);
    }

    private static void AssertEnvelopeRejected(ExchangeEvent answer, RejectReason reason, ulong reference) =>
        Assert.That((answer.Kind, (RejectReason)answer.Reason, answer.Nonce, answer.Reference), Is.EqualTo((EventKind.EnvelopeRejected, reason, 1UL, reference)));
}
