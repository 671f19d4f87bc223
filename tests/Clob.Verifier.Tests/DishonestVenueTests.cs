using Clob.Engine;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Verifier.Audit;

namespace Clob.Verifier.Tests;

/// <summary>Venues whose files are in perfect order and whose story is not true.</summary>
public sealed class DishonestVenueTests
{
    [Test]
    public void A_forged_deposit_does_nothing_and_the_state_root_of_a_ledger_that_claims_it_differs()
    {
        // What the ledger claims: the state after a deposit that the operator signed.
        using var claimed = new VenueOnDisk();
        claimed.Open();
        claimed.Send(0, new Deposit(2, VenueOnDisk.Quote, 5_000_000, null));
        claimed.Mark();
        using var venue = new VenueOnDisk();
        venue.Open();
        venue.Send(0, new Deposit(2, VenueOnDisk.Quote, 5_000_000, null), badSignature: true);
        ulong forged = venue.Size - 1;
        venue.Doctor = checkpoint => VenueOnDisk.Change(checkpoint, stateRoot: claimed.Checkpoints[0].StateRoot);
        venue.Mark();

        VerificationResult result = Verify(venue);

        Assert.That(result.Code, Is.EqualTo(ExitCode.Mismatch));
        Assert.That(result.Failure!.Found, Does.Contain($"state {claimed.Checkpoints[0].StateRoot}"));
        Assert.That(result.Summary.InvalidSignatures, Is.EqualTo(1));
        Assert.That(result.Failure.Sequence, Is.EqualTo(forged + 2), "the Mark behind the forged record and its Verdict");
    }

    [Test]
    public void A_forged_deposit_that_nobody_claims_is_a_no_op()
    {
        using var venue = new VenueOnDisk();
        venue.Open();
        venue.Send(0, new Deposit(2, VenueOnDisk.Quote, 5_000_000, null), badSignature: true);
        venue.Mark();

        VerificationResult result = Verify(venue);

        Assert.That(result.Failure, Is.Null, $"{result.Failure}");
        Assert.That((ulong)result.Summary.Assets[0].Total, Is.EqualTo(2_000_000_000_000UL));
    }

    [Test]
    public void A_verdict_that_calls_a_good_signature_bad()
    {
        using var venue = new VenueOnDisk();
        venue.Open();
        ulong good = venue.Size - 1;
        ulong verdict = venue.Size;
        Assert.That(() => venue.WriteVerdict([good]), Throws.TypeOf<ReplayRefusedException>());
        venue.Commit();

        VerificationResult result = Verify(venue);

        Assert.That(result.Code, Is.EqualTo(ExitCode.BadSignature), $"{result.Failure}");
        Assert.That(result.Failure!.Sequence, Is.EqualTo(verdict));
        Assert.That(result.Failure.Found, Does.Contain($"{good}"));
    }

    [Test]
    public void A_verdict_that_calls_a_bad_signature_good()
    {
        using var venue = new VenueOnDisk();
        venue.Open();
        venue.Send(1, new CancelAll(), badSignature: true);
        ulong verdict = venue.Size;
        Assert.That(() => venue.WriteVerdict([]), Throws.TypeOf<ReplayRefusedException>());
        venue.Commit();

        VerificationResult result = Verify(venue);

        Assert.That(result.Code, Is.EqualTo(ExitCode.BadSignature), $"{result.Failure}");
        Assert.That(result.Failure!.Sequence, Is.EqualTo(verdict));
        Assert.That(result.Failure.Expected, Does.Contain($"{verdict - 1}"));
    }

    private static IEnumerable<TestCaseData> Records()
    {
        yield return Record("A_verdict_with_a_gap", (sequence, time) => With(RecordKind.Verdict, sequence, time, VerdictOf(1, sequence - 1)));
        yield return Record("A_second_genesis", (sequence, time) => With(RecordKind.Genesis, sequence, time, new byte[Genesis.Size]));
        yield return Record("A_sequence_left_out", (sequence, time) => With(RecordKind.Time, sequence + 1, time, []));
        yield return Record("A_sequence_twice", (sequence, time) => With(RecordKind.Time, sequence - 1, time, []));
        yield return Record("A_time_that_does_not_rise", (sequence, time) => With(RecordKind.Time, sequence, time - 1, []));
        yield return Record("A_mark_with_a_payload", (sequence, time) => With(RecordKind.Mark, sequence, time, [1]));
        yield return Record("An_unknown_kind", (sequence, time) => With((RecordKind)99, sequence, time, []));
        yield return Record("A_record_shorter_than_its_head", (_, _) => [(byte)RecordKind.Time, 0, 0]);
        yield return Record("A_disconnect_of_an_account_that_did_not_ask_for_it", (sequence, time) => With(RecordKind.Disconnect, sequence, time, [0, 0, 0, 0, 0, 0, 0, 1]));
        yield return Record("A_disconnect_of_nobody", (sequence, time) => With(RecordKind.Disconnect, sequence, time, [0xff, 0, 0, 0, 0, 0, 0, 1]));
        yield return Record("An_unknown_engine_version", (sequence, time) => With(RecordKind.EngineVersion, sequence, time, new byte[EngineVersionChange.Size]));
    }

    [TestCaseSource(nameof(Records))]
    public void A_record_that_no_honest_journal_holds(object make)
    {
        using var venue = new VenueOnDisk();
        venue.Open().Trade();
        ulong sequence = venue.Size;
        venue.Append(((Func<ulong, ulong, byte[]>)make)(sequence, VenueOnDisk.FirstTime + sequence), replay: false);
        venue.Commit();

        VerificationResult result = Verify(venue);

        Assert.That(result.Code, Is.EqualTo(ExitCode.Mismatch), $"{result.Failure}");
        Assert.That(result.Failure!.Sequence, Is.EqualTo(sequence));
        Assert.That(result.Failure.Segment, Does.EndWith(".seg"));
    }

    [Test]
    public void A_checkpoint_that_makes_money()
    {
        // The venue's own engine is made to believe in a deposit that no record holds: its roots are consistent, its journal is not.
        using var venue = new VenueOnDisk();
        venue.Open();
        byte[] deposit = venue.EnvelopeOf(0, new Deposit(1, VenueOnDisk.Quote, 77, null), badSignature: false);
        byte[] believed = new byte[RecordHeader.Size + deposit.Length];
        new RecordHeader(RecordKind.Envelope, venue.Size, VenueOnDisk.FirstTime + venue.Size).Write(believed);
        deposit.CopyTo(believed.AsSpan(RecordHeader.Size));
        byte[] written = [.. believed];
        written[^1] ^= 1;
        var sink = new NoSink();
        venue.Replayed.Apply(believed, SignatureHint.None, ref sink);
        venue.Append(written, replay: false);
        AppendMark(venue);

        VerificationResult result = Verify(venue);

        Assert.That(result.Code, Is.EqualTo(ExitCode.Mismatch), $"{result.Failure}");
        Assert.That(result.Failure!.Checkpoint, Is.EqualTo(1));
    }

    private static void AppendMark(VenueOnDisk venue)
    {
        byte[] mark = new byte[RecordHeader.Size];
        new RecordHeader(RecordKind.Mark, venue.Size, VenueOnDisk.FirstTime + venue.Size).Write(mark);
        CheckpointRecord core = venue.Append(mark)!;
        venue.Commit();
        venue.Publish(core);
    }

    private static VerificationResult Verify(VenueOnDisk venue) => FullVerification.Run(new FullOptions { DataDirectory = venue.Data });

    private static TestCaseData Record(string name, Func<ulong, ulong, byte[]> make) => new TestCaseData(make).SetName(name);

    private static byte[] With(RecordKind kind, ulong sequence, ulong time, byte[] payload)
    {
        byte[] record = new byte[RecordHeader.Size + payload.Length];
        new RecordHeader(kind, sequence, time).Write(record);
        payload.CopyTo(record, RecordHeader.Size);
        return record;
    }

    private static byte[] VerdictOf(ulong from, ulong through)
    {
        byte[] payload = new byte[Verdict.SizeOf(0)];
        Verdict.Write(payload, from, through, []);
        return payload;
    }

    private readonly struct NoSink : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened)
        {
        }
    }
}
