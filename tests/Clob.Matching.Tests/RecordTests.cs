using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>Records that are no envelopes, and those no honest journal holds.</summary>
public sealed class RecordTests
{
    [Test]
    public void Genesis_opens_account_0_and_starts_the_feed()
    {
        var venue = new TestVenue();
        var account = venue.Exchange.ReadAccount(0)!;
        Assert.That(account.Key, Is.EqualTo(new PublicKey(TestVenue.OperatorKey.PublicKey)));
        Assert.That((account.NextNonce, account.KeyVersion, venue.Exchange.NextFeedSequence), Is.EqualTo((1UL, 1U, 2UL)));
        Assert.That(venue.Exchange.VenueId.ToArray(), Is.EqualTo(Genesis.VenueIdOf(venue.Journal[0])));
        Assert.That(venue.Exchange.Keys.Count, Is.EqualTo(1));
    }

    [TestCase(RecordKind.Time, 3UL, 2000UL, "", "sequence 1")]
    [TestCase(RecordKind.Time, 0UL, 2000UL, "", "sequence 1")]
    [TestCase(RecordKind.Time, 1UL, TestVenue.Start, "", "a time after")]
    [TestCase(RecordKind.Genesis, 1UL, 2000UL, "", "Genesis as record 0")]
    [TestCase(RecordKind.Time, 1UL, 2000UL, "00", "no payload")]
    [TestCase(RecordKind.Mark, 1UL, 2000UL, "00", "no payload")]
    [TestCase((RecordKind)9, 1UL, 2000UL, "", "a known kind")]
    [TestCase(RecordKind.Disconnect, 1UL, 2000UL, "00", "8 bytes")]
    [TestCase(RecordKind.Disconnect, 1UL, 2000UL, "0000000000000000", "cancel on disconnect")]
    [TestCase(RecordKind.Disconnect, 1UL, 2000UL, "0000000000000009", "cancel on disconnect")]
    [TestCase(RecordKind.EngineVersion, 1UL, 2000UL, "00000002" + ZeroHash, "an engine version from 1 to 1")]
    [TestCase(RecordKind.EngineVersion, 1UL, 2000UL, "00000000" + ZeroHash, "an engine version from 1 to 1")]
    [TestCase(RecordKind.EngineVersion, 1UL, 2000UL, "00000001", "36 bytes")]
    [TestCase(RecordKind.Verdict, 1UL, 2000UL, "00", "well-formed verdict")]
    [TestCase(RecordKind.Verdict, 1UL, 2000UL, "000000000000000000000000000000010000", "a verdict from 0 through at most 0")]
    [TestCase(RecordKind.Verdict, 1UL, 2000UL, "000000000000000100000000000000010000", "a verdict from 0 through at most 0")]
    [TestCase(RecordKind.Verdict, 1UL, 2000UL, "0000000000000000000000000000000000010000000000000000", "invalid signatures at")]
    public void Refuses_what_no_honest_journal_holds(RecordKind kind, ulong sequence, ulong time, string payload, string expected)
    {
        var exchange = new TestVenue().Exchange;
        var events = new EventList();
        var refused = Assert.Throws<ReplayRefusedException>(
            () => exchange.Apply(new RecordHeader(kind, sequence, time), Convert.FromHexString(payload), default, ref events));
        Assert.That(refused!.Expected, Does.Contain(expected));
        Assert.That(refused.Sequence, Is.EqualTo(sequence));
        Assert.That(events.Items, Is.Empty);
    }

    private const string ZeroHash = "0000000000000000000000000000000000000000000000000000000000000000";

    [TestCase(2u, 1)]
    [TestCase(0u, 1)]
    [TestCase(1u, 0)]
    public void Refuses_a_genesis_of_another_engine_or_with_a_weak_operator_key(uint version, int key)
    {
        var genesis = new Genesis
        {
            Salt = new byte[32],
            OperatorKey = key == 0 ? new byte[32] : TestVenue.OperatorKey.PublicKey.ToArray(),
            LogKey = new byte[32],
            EngineVersion = version,
            EngineHash = new byte[32],
        };
        byte[] record = genesis.ToRecord(5);
        var events = new EventList();
        Assert.Throws<ReplayRefusedException>(
            () => new Exchange(ExchangeCapacity.Small).Apply(new RecordHeader(RecordKind.Genesis, 0, 5), record.AsSpan(RecordHeader.Size), default, ref events));
    }

    [Test]
    public void A_later_build_opens_a_venue_of_version_1_and_raises_it()
    {
        var venue = new TestVenue(rules: Later);
        Assert.That(venue.Exchange.Version, Is.EqualTo(1));
        foreach (uint version in (uint[])[1, 2, 2])
        {
            Assert.That(venue.ApplyNext(RecordKind.EngineVersion, ChangeTo(version)), Is.Empty);
            Assert.That(venue.Exchange.Version, Is.EqualTo(version));
            string numbers = StateLines.Of(venue.Exchange).Single(line => line.StartsWith("X n", StringComparison.Ordinal));
            Assert.That(numbers, Does.StartWith($"X n {version:x8}"), "the state says which rules hold");
        }
    }

    [TestCase(1u, 2u)]
    [TestCase(0u, 1u)]
    [TestCase(0u, 2u)]
    [TestCase(3u, 1u)]
    [TestCase(3u, 2u)]
    [TestCase(uint.MaxValue, 2u)]
    public void A_venue_never_goes_back_to_former_rules_nor_to_unknown_ones(uint version, uint from)
    {
        var venue = new TestVenue(rules: Later);
        venue.ApplyNext(RecordKind.EngineVersion, ChangeTo(from));
        var refused = Assert.Throws<ReplayRefusedException>(() => venue.ApplyNext(RecordKind.EngineVersion, ChangeTo(version)));
        Assert.That((refused!.Expected, refused.Found), Is.EqualTo(($"an engine version from {from} to 2", $"{version}")));
    }

    [TestCase(1u, true)]
    [TestCase(2u, true)]
    [TestCase(0u, false)]
    [TestCase(3u, false)]
    public void A_later_build_takes_a_genesis_of_each_version_it_knows(uint version, bool isTaken)
    {
        byte[] record = TestVenue.GenesisRecord(version);
        var exchange = new Exchange(ExchangeCapacity.Small, Later);
        var events = new EventList();
        void Apply() => exchange.Apply(new RecordHeader(RecordKind.Genesis, 0, TestVenue.Start), record.AsSpan(RecordHeader.Size), default, ref events);
        Assert.That(Apply, isTaken ? Throws.Nothing : Throws.TypeOf<ReplayRefusedException>());
        Assert.That(exchange.Version, Is.EqualTo(isTaken ? version : 0));
    }

    private static EngineRules Later => new() { NewestVersion = 2 };

    private static byte[] ChangeTo(uint version)
    {
        byte[] payload = new byte[EngineVersionChange.Size];
        new EngineVersionChange(version, new byte[32]).Write(payload);
        return payload;
    }

    [Test]
    public void Is_worthless_after_a_record_that_ended_in_an_exception()
    {
        var venue = new TestVenue();
        Assert.Throws<ReplayRefusedException>(() => venue.ApplyNext(RecordKind.Mark, [1]));
        Assert.Throws<InvalidOperationException>(() => venue.ApplyNext(RecordKind.Mark, []));
    }

    [Test]
    public void A_verdict_lists_exactly_what_was_found_invalid()
    {
        var scenario = new Scenario();
        var exchange = scenario.Venue.Exchange;
        ulong first = exchange.NextSequence;
        scenario.Do("A bad buy 1@1", "A buy 1@1", "B bad buy 1@1", "Z bad buy 1@1", "A bad buy 1@1");
        Assert.That(exchange.UnsettledInvalid, Is.EqualTo(new[] { first, first + 2, first + 4 }));
        Assert.That(scenario.Venue.Results.TakeLast(5), Is.EqualTo(new[]
        {
            ApplyResult.BadSignature, ApplyResult.Applied, ApplyResult.BadSignature, ApplyResult.Rejected, ApplyResult.BadSignature,
        }));
        scenario.Do("verdict 1");
        Assert.That((exchange.NextUnsettled, exchange.UnsettledInvalid.Single()), Is.EqualTo((first + 4, first + 4)));
        scenario.Do("verdict 0");
        Assert.That((exchange.NextUnsettled, exchange.UnsettledInvalid.Count), Is.EqualTo((first + 6, 0)));
    }

    [TestCase(new ulong[0])]
    [TestCase(new ulong[] { 1 })]
    [TestCase(new ulong[] { 0 })]
    [TestCase(new ulong[] { 0, 1, 2 })]
    public void A_verdict_that_contradicts_the_replay_is_refused(ulong[] offsets)
    {
        var scenario = new Scenario();
        var venue = scenario.Venue;
        ulong first = venue.Exchange.NextSequence;
        scenario.Do("A bad buy 1@1", "A buy 1@1", "A bad buy 1@1");
        ulong[] invalid = [.. offsets.Select(offset => first + offset)];
        byte[] payload = new byte[Verdict.SizeOf(invalid.Length)];
        Verdict.Write(payload, 0, first + 2, invalid);
        Assert.Throws<ReplayRefusedException>(() => venue.ApplyNext(RecordKind.Verdict, payload));
    }

    [Test]
    public void A_malformed_envelope_is_refused_without_touching_anybodys_reports()
    {
        var scenario = new Scenario();
        var exchange = scenario.Venue.Exchange;
        byte[] envelope = scenario.Venue.Unsigned(1, 1, 0, TestVenue.Of(new Cancel(1, 1)));
        envelope[Envelope.HeadSize] = 99; // no such command
        foreach (byte[] payload in (byte[][])[envelope, envelope[..50], [7], []])
        {
            var happened = scenario.Venue.ApplyNext(RecordKind.Envelope, payload).Single();
            Assert.That((happened.Kind, (RejectReason)happened.Reason), Is.EqualTo((EventKind.EnvelopeRejected, RejectReason.Malformed)));
            Assert.That((happened.Account, happened.ReportSequence), Is.EqualTo((payload.Length > 8 ? 1UL : 0UL, 0UL)));
        }

        Assert.That(exchange.ReadAccount(1)!.NextNonce, Is.EqualTo(1));
    }
}
