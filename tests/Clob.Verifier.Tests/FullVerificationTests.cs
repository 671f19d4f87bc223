using System.Text.Json;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Verifier.Audit;
using Clob.Verifier.Reports;

namespace Clob.Verifier.Tests;

public sealed class FullVerificationTests
{
    [TestCase(RecordSourceKind.Segments)]
    [TestCase(RecordSourceKind.Da)]
    public void Agrees_with_an_honest_venue(object kind)
    {
        var source = (RecordSourceKind)kind;
        using VenueOnDisk venue = new VenueOnDisk().Open(3).Trade().Trade(101).Trade(102);

        VerificationResult result = FullVerification.Run(new FullOptions { DataDirectory = venue.Data, Source = source, Venue = venue.Venue });

        Assert.That(result.Failure, Is.Null, $"{result.Failure}");
        AuditSummary summary = result.Summary;
        Assert.Multiple(() =>
        {
            Assert.That(summary.Records, Is.EqualTo(venue.Size));
            Assert.That(summary.Checkpoints, Is.EqualTo(3));
            Assert.That(summary.LastCheckpoint!.StateRoot, Is.EqualTo(venue.Checkpoints[^1].StateRoot));
            Assert.That(summary.InvalidSignatures, Is.EqualTo(3));
            Assert.That(summary.Signatures, Is.EqualTo(summary.Envelopes));
            Assert.That(summary.Envelopes, Is.EqualTo(12 + 3 * 7));
            Assert.That(summary.Accounts, Is.EqualTo(4));
            Assert.That(summary.Assets.Select(asset => (ulong)asset.Total), Is.EqualTo(new[] { 3_000_000_000_000UL, 3_000_000_000_000UL }));
            Assert.That(summary.RecordsBeyond, Is.Zero);
            Assert.That(summary.Venue, Is.EqualTo(venue.Venue));
        });
    }

    [Test]
    public void Replays_what_came_after_the_last_checkpoint_and_says_how_much()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open().Trade();
        venue.Send(1, NewOrder.Limit(VenueOnDisk.Market, Side.Sell, 100, 10));
        venue.Send(2, NewOrder.Limit(VenueOnDisk.Market, Side.Buy, 100, 10));
        venue.Commit();

        VerificationResult result = FullVerification.Run(new FullOptions { DataDirectory = venue.Data });

        Assert.That(result.Failure, Is.Null, $"{result.Failure}");
        Assert.That(result.Summary.RecordsBeyond, Is.EqualTo(2));
    }

    [Test]
    public void Counts_money_that_leaves_by_a_paid_withdrawal_only()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open();
        venue.Send(1, new Withdraw(VenueOnDisk.Quote, 300));
        venue.Send(1, new Withdraw(VenueOnDisk.Quote, 40));
        venue.Send(0, new SettleWithdrawal(1, WithdrawalOutcome.Paid));
        venue.Send(0, new SettleWithdrawal(2, WithdrawalOutcome.Returned));
        venue.Mark();

        VerificationResult result = FullVerification.Run(new FullOptions { DataDirectory = venue.Data });

        Assert.That(result.Failure, Is.Null, $"{result.Failure}");
        Assert.That((ulong)result.Summary.Assets[0].Total, Is.EqualTo(2_000_000_000_000UL - 300));
    }

    [Test]
    public void Checks_more_records_than_one_batch_holds()
    {
        using VenueOnDisk venue = new VenueOnDisk(recordsPerGroup: 200, segmentSize: 1024 * 1024).Open();
        for (int i = 0; i < 2500; i++)
        {
            if (i % 100 == 99)
                venue.Rotate(1);
            venue.Send(1, NewOrder.Limit(VenueOnDisk.Market, i % 2 == 0 ? Side.Sell : Side.Buy, 100, 1), badSignature: i % 50 == 7);
        }
        venue.Mark();

        VerificationResult result = FullVerification.Run(new FullOptions { DataDirectory = venue.Data });

        Assert.That(result.Failure, Is.Null, $"{result.Failure}");
        Assert.That(result.Summary.InvalidSignatures, Is.EqualTo(50));
    }

    [Test]
    public void Reads_a_live_directory_while_it_is_written()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open().Trade();
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() =>
        {
            for (ulong price = 101; !stop.IsCancellationRequested && price < 150; price++)
                venue.Trade(price);
        });
        try
        {
            for (int i = 0; i < 5; i++)
            {
                VerificationResult result = FullVerification.Run(new FullOptions { DataDirectory = venue.Data });
                Assert.That(result.Failure, Is.Null, $"{result.Failure}");
            }
        }
        finally
        {
            stop.Cancel();
            writer.GetAwaiter().GetResult();
        }
    }

    [Test]
    public void Says_what_the_data_availability_layer_does_not_hold_yet()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open().Trade();
        venue.PublishesBatches = false;
        venue.Trade(101);

        VerificationResult result = FullVerification.Run(new FullOptions { DataDirectory = venue.Data, Source = RecordSourceKind.Da });

        Assert.That(result.Failure, Is.Null, $"{result.Failure}");
        Assert.That(result.Summary.Checkpoints, Is.EqualTo(1));
        Assert.That(result.Summary.CheckpointsBeyond, Is.EqualTo(1));
    }

    [Test]
    public void Ends_with_the_promised_line_and_0()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open().Trade();

        (int code, string output, string error) = CommandLine.Run("full", "--data", venue.Data);

        Assert.That(code, Is.Zero);
        Assert.That(output, Does.EndWith("\n✅ SUCCESS: Local state root matches the official checkpoint.\n"));
        Assert.That(error, Is.Empty);
    }

    [Test]
    public void Names_the_place_of_a_failure_in_one_line()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open();
        venue.Doctor = checkpoint => VenueOnDisk.Change(checkpoint, stateRoot: Hash256.Of("lie"u8));
        venue.Mark();

        (int code, string output, string error) = CommandLine.Run("full", "--data", venue.Data);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Not.Contain("SUCCESS"));
        Assert.That(error.TrimEnd('\n'), Does.StartWith("❌ FAILED (mismatch) at checkpoint 1, sequence 11, ").And.Contains(".seg offset ").And.Contains($"'state {Hash256.Of("lie"u8)}'"));
        Assert.That(error.TrimEnd('\n'), Does.Not.Contain('\n'));
    }

    [Test]
    public void Prints_one_json_object()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open().Trade();
        (int code, string output, _) = CommandLine.Run("full", "--data", venue.Data, "--json");
        JsonElement good = JsonDocument.Parse(output).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero);
            Assert.That(good.GetProperty("status").GetString(), Is.EqualTo("success"));
            Assert.That(good.GetProperty("state_root").GetString(), Is.EqualTo(venue.Checkpoints[^1].StateRoot.ToString()));
            Assert.That(good.GetProperty("journal_root").GetString(), Is.EqualTo(venue.Checkpoints[^1].JournalRoot.ToString()));
            Assert.That(good.GetProperty("records").GetUInt64(), Is.EqualTo(venue.Size));
            Assert.That(good.GetProperty("failure").ValueKind, Is.EqualTo(JsonValueKind.Null));
        });

        using Copy copy = venue.CopyData();
        Copy.Flip(copy.Segments[0], 4096 + 200);
        (code, output, string error) = CommandLine.Run("full", "--data", copy.Data, "--json");
        JsonElement bad = JsonDocument.Parse(output).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(3));
            Assert.That(error, Is.Empty);
            Assert.That(bad.GetProperty("code").GetInt32(), Is.EqualTo(3));
            Assert.That(bad.GetProperty("failure").GetProperty("kind").GetString(), Is.EqualTo("damaged"));
            Assert.That(bad.GetProperty("failure").GetProperty("segment").GetString(), Is.EqualTo(copy.Segments[0]));
            Assert.That(bad.GetProperty("failure").GetProperty("offset").GetInt64(), Is.EqualTo(4096));
            Assert.That(bad.GetProperty("failure").GetProperty("sequence").GetUInt64(), Is.Zero);
        });
    }

    [TestCase("full", "--bogus")]
    [TestCase("full", "extra")]
    [TestCase("full", "--source", "tape")]
    [TestCase("full", "--data")]
    [TestCase("full", "--da-url", "http://127.0.0.1:3100")]
    [TestCase("full", "--source", "da", "--da-url", "nowhere")]
    [TestCase("full", "--venue", "12")]
    [TestCase("full", "--engine-hash", "xyz")]
    [TestCase("everything")]
    [TestCase]
    public void Refuses_a_command_line_it_does_not_understand(params string[] arguments)
    {
        (int code, string output, string error) = CommandLine.Run(arguments);

        Assert.That(code, Is.EqualTo(64));
        Assert.That(error, Is.Not.Empty);
        Assert.That(output, Does.Contain("Usage:"));
    }

    [Test]
    public void Shows_progress_as_text()
    {
        Assert.That(TextReport.Progress(new AuditSummary { Records = 1200, Signatures = 1000, Checkpoints = 3 }, 5000), Is.EqualTo("1,200 records (the newest checkpoint covers 5,000), 1,000 signatures, 3 checkpoints"));
    }
}
