using System.Security.Cryptography;
using System.Text;

namespace Clob.Proofs.Tests;

public sealed class CheckpointRecordTests
{
    /// <summary>The text of <see cref="CheckpointExamples.First"/>, written out by hand (each hash is the SHA-256 of its line's name).</summary>
    private const string Core =
        "clob-checkpoint/v1\n"
        + "venue e622da235a56977383e1db8bfe71eaa9b6156cec5cd95df9dc4d2aa3ac5d267a\n"
        + "number 1\n"
        + "sequence 9\n"
        + "time 1700000000000000000\n"
        + "journal 10 81dd6b775afcccb6dbb8a25a58ea844271bbefaeea7cb1d91c1687d7450f850c\n"
        + "records a94e7bcfcbed3c846d491d4f47c948e53a23908d480248b3ffe9e126e83ea865\n"
        + "events 862417b9e7c3720bcb3263cd873b09892d787823b6f9a0f453e42824c5a4d4b6\n"
        + "state 4ba69735ca53765ed6a709edb56c6ea236b7193a3b29a6b390c346f0f4340e4e\n"
        + "previous 0000000000000000000000000000000000000000000000000000000000000000\n"
        + "engine ed9f6f25068608efd412958da4dfc19328ca3511251fa6d5f9c42baf230e32f8\n";

    private static readonly string Text = CheckpointExamples.First().ToString();

    [Test]
    public void The_text_is_the_documented_one()
    {
        Assert.That(CheckpointExamples.First().CoreText(), Is.EqualTo(Core));
        Assert.That(Text, Is.EqualTo(Core
            + "da 7\n"
            + "batch 0 4 4f35212d12f9ad2036492c95f1fe79baf4ec7bd9bef3dffa7579f2293ff546a4 ab01\n"
            + "batch 4 3 62c5e5f8411632eb7f39af424dd25eaf942f18fd47264f72462ba9b498ffd337 ab01\n"));
    }

    [Test]
    public void The_core_hash_covers_the_text_up_to_the_da_line()
    {
        CheckpointRecord record = CheckpointExamples.First();
        byte[] core = Encoding.ASCII.GetBytes(Text[..Text.IndexOf("da ", StringComparison.Ordinal)]);
        Assert.That(record.CoreHash().Bytes.ToArray(), Is.EqualTo(SHA256.HashData(core)));

        CheckpointRecord published = CheckpointExamples.Change(record, daSize: 9, batches: [CheckpointExamples.Batch(0, 9)]);
        Assert.That(published, Is.Not.EqualTo(record));
        Assert.That(published.CoreHash(), Is.EqualTo(record.CoreHash()));
        CheckpointRecord another = CheckpointExamples.Change(record, stateRoot: Hash256.Of("another"u8));
        Assert.That(another.CoreHash(), Is.Not.EqualTo(record.CoreHash()));
    }

    [Test]
    public void The_first_line_that_differs_from_the_replay_is_named()
    {
        CheckpointRecord record = CheckpointExamples.First();
        CheckpointRecord replayed = CheckpointExamples.Change(record, time: 5, stateRoot: default(Hash256), daSize: 0, batches: []);
        Assert.That(record.CoreDifference(replayed), Is.EqualTo("found 'time 1700000000000000000', expected 'time 5'"));
        Assert.That(record.CoreDifference(CheckpointExamples.Change(replayed, time: record.Time)), Does.StartWith("found 'state 4ba6").And.Contain("'state 0000"));
        Assert.That(record.CoreDifference(CheckpointExamples.Change(record, daSize: 0, batches: [])), Is.Null, "DA lines are no part of the core");
    }

    [Test]
    public void Reads_back_what_it_writes()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int i = 0; i < 200; i++)
        {
            CheckpointRecord record = Random(random);
            string text = record.ToString();
            Assert.That(CheckpointRecord.TryParse(text, out CheckpointRecord? read, out string? error), Is.True, error);
            Assert.That(read, Is.EqualTo(record));
            Assert.That(read!.Batches.Select(batch => batch.Commitment.ToArray()), Is.EqualTo(record.Batches.Select(batch => batch.Commitment.ToArray())));
            Assert.That(read.ToString(), Is.EqualTo(text));
        }
    }

    [Test]
    public void No_text_is_read_that_would_not_be_written()
    {
        int readable = 0;
        for (int i = 0; i < Text.Length; i++)
        {
            foreach (string replacement in new[] { "", "0", "7", "a", "A", " ", "\n", "\r\n", "+", "-", "\t", "é", Text[i] + "0", Text[i] + " " })
            {
                string changed = Text[..i] + replacement + Text[(i + 1)..];
                if (CheckpointRecord.TryParse(changed, out CheckpointRecord? read, out string? error))
                {
                    readable++;
                    Assert.That(read!.ToString(), Is.EqualTo(changed), $"'{replacement}' at {i}");
                }
                else
                {
                    Assert.That(error, Is.Not.Null);
                }
            }
        }
        Assert.That(readable, Is.GreaterThan(1000), "other digits are other records");
    }

    [TestCase("clob-checkpoint/v1", "clob-checkpoint/v2", "line 1: expected 'clob-checkpoint/v1'")]
    [TestCase("clob-checkpoint/v1\n", "", "line 1: expected 'clob-checkpoint/v1'")]
    [TestCase("clob-checkpoint/v1\n", "\nclob-checkpoint/v1\n", "line 1")]
    [TestCase("number 1\n", "", "line 3: expected 'number …', found 'sequence 9'")]
    [TestCase("number 1\n", "number 1\nnumber 1\n", "line 4: expected 'sequence …', found 'number 1'")]
    [TestCase("number 1\nsequence 9\n", "sequence 9\nnumber 1\n", "line 3: expected 'number …'")]
    [TestCase("number 1\n", "number 0\n", "counts from 1")]
    [TestCase("number 1\n", "number 01\n", "line 3: number '01' is not a decimal number")]
    [TestCase("number 1\n", "number +1\n", "line 3: number '+1' is not a decimal number")]
    [TestCase("number 1\n", "number -1\n", "not a decimal number")]
    [TestCase("number 1\n", "number 1.0\n", "not a decimal number")]
    [TestCase("number 1\n", "number 0x1\n", "not a decimal number")]
    [TestCase("number 1\n", "number 1,000\n", "not a decimal number")]
    [TestCase("number 1\n", "number ١\n", "not a decimal number")]
    [TestCase("number 1\n", "number 18446744073709551616\n", "not a decimal number of 64 bits")]
    [TestCase("number 1\n", "number 99999999999999999999999999999999999999999999999999\n", "not a decimal number of 64 bits")]
    [TestCase("number 1\n", "number \n", "not a decimal number")]
    [TestCase("number 1\n", "number\n", "line 3: expected 'number …', found 'number'")]
    [TestCase("number 1\n", "number  1\n", "not a decimal number")]
    [TestCase("number 1\n", " number 1\n", "line 3: expected 'number …'")]
    [TestCase("number 1\n", "number 1 \n", "line 3: unexpected '' at the end")]
    [TestCase("number 1\n", "number 1 2\n", "line 3: unexpected '2' at the end")]
    [TestCase("number 1\n", "number 1\r\n", "line 3: number '1?' is not")]
    [TestCase("number 1\n", "number\t1\n", "line 3: expected 'number …'")]
    [TestCase("number 1\n", "Number 1\n", "line 3: expected 'number …'")]
    [TestCase("journal 10 ", "journal 10\n", "line 6: journal root is missing")]
    [TestCase("journal 10 ", "journal ", "line 6: journal size")]
    [TestCase("previous 0", "previous ", "is not 64 lower-case hexadecimal digits")]
    [TestCase("previous 0", "previous 00", "is not 64 lower-case hexadecimal digits")]
    [TestCase("previous 0", "previous g", "is not 64 lower-case hexadecimal digits")]
    [TestCase("previous 0", "previous A", "is not 64 lower-case hexadecimal digits")]
    [TestCase("da 7\n", "", "expected 'da …', found 'batch 0 4")]
    [TestCase("da 7\n", "da 7\nda 7\n", "line 13: unexpected 'da 7'")]
    [TestCase("da 7\n", "da 7\n\n", "line 13: unexpected ''")]
    [TestCase("batch 0 4 ", "batch 0 0 ", "a batch has at least one record")]
    [TestCase("batch 0 4 ", "batch 00 4 ", "first sequence '00'")]
    [TestCase("batch 0 4 ", "batch 0 ", "count")]
    [TestCase("batch 0 4 ", "Batch 0 4 ", "line 13: unexpected 'Batch 0 4")]
    [TestCase("batch 0 4 ", "batches 0 4 ", "line 13: unexpected 'batches 0 4")]
    [TestCase(" ab01\n", " ab0\n", "commitment 'ab0' is not an even number")]
    [TestCase(" ab01\n", " AB01\n", "commitment 'AB01' is not")]
    [TestCase(" ab01\n", " 0xab01\n", "commitment '0xab01' is not")]
    [TestCase(" ab01\n", " \n", "commitment '' is not")]
    [TestCase(" ab01\n", "\n", "commitment is missing")]
    [TestCase(" ab01\n", " ab01 \n", "unexpected '' at the end")]
    [TestCase(" ab01\nbatch 4", " ab01\nevents 4", "line 14: unexpected 'events 4")]
    public void A_malformed_text_is_refused_with_line_and_reason(string found, string replacement, string reason)
    {
        int at = Text.IndexOf(found, StringComparison.Ordinal);
        Assert.That(at, Is.Not.Negative);
        Refused(Text[..at] + replacement + Text[(at + found.Length)..], reason);
    }

    [Test]
    public void Text_around_the_record_is_refused()
    {
        Refused("", "line 1: expected 'clob-checkpoint/v1', found the end");
        Refused(Text + "\n", "line 15: unexpected ''");
        Refused(Text + "more\n", "line 15: unexpected 'more'");
        Refused(Text + "more", "line 15: it does not end in a line feed");
        Refused(Text[..^1], "line 14: it does not end in a line feed");
        Refused(Text.Replace("\n", "\r\n", StringComparison.Ordinal), "line 1: expected 'clob-checkpoint/v1', found 'clob-checkpoint/v1?'");
        Refused("\ufeff" + Text, "line 1");
        Refused(Core, "line 12: expected 'da', found the end");
    }

    [Test]
    public void A_hash_in_upper_case_is_refused()
    {
        string venue = CheckpointExamples.Venue.ToString();
        Refused(Text.Replace(venue, venue.ToUpperInvariant(), StringComparison.Ordinal), "line 2: venue");
    }

    private static void Refused(string text, string reason)
    {
        Assert.That(CheckpointRecord.TryParse(text, out CheckpointRecord? record, out string? error), Is.False);
        Assert.That(record, Is.Null);
        Assert.That(error, Does.Contain(reason));
    }

    private static CheckpointRecord Random(Random random)
    {
        Hash256 Hash() => Hash256.Of(BitConverter.GetBytes(random.NextInt64()));
        ulong Number() => (ulong)random.NextInt64(-1, long.MaxValue) >> random.Next(64);
        return new CheckpointRecord
        {
            Venue = Hash(),
            Number = Number() | 1,
            Sequence = Number(),
            Time = Number(),
            JournalSize = Number(),
            JournalRoot = Hash(),
            RecordsRoot = Hash(),
            EventsRoot = Hash(),
            StateRoot = Hash(),
            Previous = Hash(),
            Engine = Hash(),
            DaSize = Number(),
            Batches = Enumerable.Range(0, random.Next(4))
                .Select(_ => new DaBatch(Number(), Number() | 1, Hash(), Hash().Bytes[..random.Next(1, 32)].ToArray())).ToArray(),
        };
    }
}
