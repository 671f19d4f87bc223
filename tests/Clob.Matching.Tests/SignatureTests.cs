using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>Whose word counts about a signature, and what is remembered of envelopes.</summary>
public sealed class SignatureTests
{
    private static readonly TestVenue.Added AnyCommand = TestVenue.Of(new CancelAll());

    /// <summary>Account 1 with key 1.</summary>
    private static TestVenue VenueWithAccount()
    {
        var venue = new TestVenue();
        venue.Do(0, TestVenue.Of(new RegisterAccount(new PublicKey(TestVenue.KeyOf(1).PublicKey))));
        return venue;
    }

    [TestCase(1, SignatureStatus.Unchecked, 0u, false, ExpectedResult = ApplyResult.Applied, TestName = "no hint, right key: checked in line")]
    [TestCase(2, SignatureStatus.Unchecked, 0u, false, ExpectedResult = ApplyResult.BadSignature, TestName = "no hint, wrong key: checked in line")]
    [TestCase(2, SignatureStatus.Valid, 1u, false, ExpectedResult = ApplyResult.Applied, TestName = "a hint with the current key is believed")]
    [TestCase(1, SignatureStatus.Invalid, 1u, false, ExpectedResult = ApplyResult.BadSignature, TestName = "also when it says invalid")]
    [TestCase(1, SignatureStatus.Invalid, 0u, false, ExpectedResult = ApplyResult.Applied, TestName = "a hint with another key is checked again")]
    [TestCase(2, SignatureStatus.Valid, 2u, false, ExpectedResult = ApplyResult.BadSignature, TestName = "also when it says valid")]
    [TestCase(2, SignatureStatus.Valid, 9u, true, ExpectedResult = ApplyResult.Applied, TestName = "what is settled is believed whatever the version")]
    [TestCase(1, SignatureStatus.Invalid, 9u, true, ExpectedResult = ApplyResult.BadSignature, TestName = "also when it is settled as invalid")]
    public ApplyResult Hints(int signer, SignatureStatus status, uint version, bool isSettled)
    {
        var venue = VenueWithAccount();
        byte[] envelope = venue.Signed(TestVenue.KeyOf(signer), 1, 1, 0, AnyCommand);
        venue.ApplyNext(RecordKind.Envelope, envelope, new SignatureHint(status, version, isSettled));
        return venue.Results[^1];
    }

    [Test]
    public void A_digest_that_is_handed_on_counts_as_one_taken_here()
    {
        var venue = VenueWithAccount();
        byte[] envelope = venue.Signed(TestVenue.KeyOf(1), 1, 1, 0, AnyCommand);
        UInt128 digest = DigestOf(envelope);
        venue.ApplyNext(RecordKind.Envelope, envelope, SignatureHint.Checked(true, 1, digest));
        Assert.That(StateLines.Of(ReplayTests.Replay(venue.Journal, SignatureHint.None)), Is.EqualTo(StateLines.Of(venue.Exchange)));
        Assert.That(Resent(venue, envelope, 0), Is.EqualTo(ApplyResult.Duplicate));
        Assert.That(Resent(venue, envelope, digest), Is.EqualTo(ApplyResult.Duplicate));

        // The control: what is handed on is used, so one of other bytes is seen.
        Assert.That(Resent(venue, envelope, digest + 1), Is.EqualTo(ApplyResult.Rejected));
    }

    private static ApplyResult Resent(TestVenue venue, byte[] envelope, UInt128 digest)
    {
        venue.ApplyNext(RecordKind.Envelope, envelope, SignatureHint.Checked(true, 1, digest));
        return venue.Results[^1];
    }

    private static UInt128 DigestOf(byte[] bytes)
    {
        Assert.That(Envelope.TryRead(bytes, out var envelope, out _));
        return EnvelopeSignature.DigestOf(envelope);
    }

    [Test]
    public void Pipelined_rotations_give_what_checking_one_after_the_other_gives()
    {
        var random = new Random(7);
        var venue = VenueWithAccount();
        int key = 1;
        ulong nonce = 1;
        for (int i = 0; i < 300; i++)
        {
            // The verify stage looks at the key directory some records too early or in time; matching must not care.
            int signer = random.Next(4) == 0 ? random.Next(1, 4) : key;
            int next = random.Next(1, 4);
            bool rotates = random.Next(2) == 0;
            var command = rotates ? TestVenue.Of(new RotateKey(new PublicKey(TestVenue.KeyOf(next).PublicKey))) : AnyCommand;
            byte[] envelope = venue.Signed(TestVenue.KeyOf(signer), 1, nonce, 0, command, AnyCommand);
            uint version = venue.Exchange.ReadAccount(1)!.KeyVersion;
            uint seen = (uint)Math.Max(1, version - random.Next(3));
            bool isValidThen = seen == version ? signer == key : random.Next(2) == 0; // an old key: anything
            venue.ApplyNext(RecordKind.Envelope, envelope, SignatureHint.Checked(isValidThen, seen));
            Assert.That(venue.Results[^1], Is.EqualTo(signer == key ? ApplyResult.Applied : ApplyResult.BadSignature), $"record {i}");
            if (signer != key)
                continue;
            nonce += 2;
            key = rotates ? next : key;
            Assert.That(venue.Exchange.ReadAccount(1)!.KeyVersion, Is.EqualTo(rotates ? version + 1 : version));
        }

        Assert.That(StateLines.Of(ReplayTests.Replay(venue.Journal, SignatureHint.None)), Is.EqualTo(StateLines.Of(venue.Exchange)));
    }

    [Test]
    public void The_last_32_envelopes_are_remembered_and_no_more()
    {
        var venue = VenueWithAccount();
        var sent = new List<byte[]>();
        for (ulong i = 0; i < 40; i++)
        {
            sent.Add(venue.Unsigned(1, 10 + i * 3, 0, AnyCommand, AnyCommand));
            venue.Submit(sent[^1]);
        }

        for (int i = 0; i < 40; i++)
        {
            var answer = venue.Submit(sent[i]).Single();
            if (i < 8)
            {
                Assert.That((answer.Kind, (RejectReason)answer.Reason), Is.EqualTo((EventKind.EnvelopeRejected, RejectReason.NonceTooOld)), $"envelope {i}");
                continue;
            }

            Assert.That(answer.Kind, Is.EqualTo(EventKind.Duplicate), $"envelope {i}");
            Assert.That(answer.OrderId, Is.EqualTo((ulong)(2 + i)), "the original record");
            Assert.That(answer.Reference, Is.EqualTo((ulong)(1 + i * 2)), "its first report");
            Assert.That(answer.Quantity, Is.EqualTo(2), "its commands");
        }

        var other = venue.Submit(venue.Unsigned(1, 10 + 8 * 3, 0, AnyCommand)).Single();
        Assert.That((RejectReason)other.Reason, Is.EqualTo(RejectReason.NonceReused));
        Assert.That(other.Reference, Is.EqualTo(10 + 39 * 3 + 2), "the next nonce");
    }

    [Test]
    public void A_resent_envelope_is_the_same_under_another_valid_signature()
    {
        var venue = VenueWithAccount();
        byte[] envelope = venue.Signed(TestVenue.KeyOf(1), 1, 1, 0, AnyCommand);
        venue.Submit(envelope);
        envelope[^1] ^= 1; // as if signed with other randomness
        Assert.That(venue.Submit(envelope).Single().Kind, Is.EqualTo(EventKind.Duplicate));
    }

    [Test]
    public void Other_threads_see_whole_accounts_while_records_are_applied()
    {
        var venue = new TestVenue();
        var keys = venue.Exchange.Keys;
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            ulong seen = 0;
            while (!stop.IsCancellationRequested)
            {
                ulong count = keys.Count;
                for (ulong account = seen; account < count; account++)
                {
                    bool isThere = keys.TryGet(account, out var key, out uint version);
                    if (!isThere || version == 0 || key!.Bytes.Length != 32)
                        throw new InvalidOperationException($"account {account} of {count} is not whole");
                }

                seen = count;
                Thread.Yield();
            }

            return seen;
        });
        var register = TestVenue.Of(new RegisterAccount(new PublicKey(TestVenue.KeyOf(1).PublicKey)));
        for (int i = 0; i < 20; i++)
            venue.Do(0, [.. Enumerable.Repeat(register, 100)]);
        stop.Cancel();
        Assert.That(reader.Result, Is.AtMost(2001));
        Assert.That(keys.Count, Is.EqualTo(2001));
        Assert.That(keys.TryGet(2001, out _, out _), Is.False);
        Assert.That(keys.TryGet(ulong.MaxValue, out _, out _), Is.False);
    }
}
