using System.Diagnostics;
using System.Text.Json;
using Clob.Protocol;
using Clob.Verifier.Commands;
using Clob.Verifier.Reports;

namespace Clob.Verifier.Tests;

// Ranges that leave the journal, command lines that mean nothing, readers that go away.
public sealed partial class JournalRecordsTests
{
    [TestCase("--from", "1000000", "a record with sequence 1000000; found sequence")]
    [TestCase("--to", "1000000", "a record with sequence 1000000; found sequence")]
    public void Says_that_a_range_leaves_the_journal(string option, string value, string expected)
    {
        (int code, string output, string error) = Cat(option, value);

        Assert.That(code, Is.EqualTo((int)ExitCode.MissingData));
        Assert.That(error, Does.StartWith("❌ FAILED (missing data)").And.Contain(expected).And.Contain($"{_venue.Records.Count - 1} as the last"));
        Assert.That(output.Length, option == "--from" ? Is.Zero : Is.Positive);
    }

    [Test]
    public void Says_that_a_range_begins_before_the_oldest_segment()
    {
        using Copy copy = _venue.CopyData();
        string[] segments = copy.Segments;
        File.Delete(segments[0]);

        (int code, _, string error) = CommandLine.Run("journal", "cat", "--data", copy.Data, "--from", "1");
        (int allCode, string all, _) = CommandLine.Run("journal", "cat", "--data", copy.Data, "--json");

        Assert.That(code, Is.EqualTo((int)ExitCode.MissingData), error);
        Assert.That(error, Does.Contain("a segment that holds sequence 1"));
        Assert.That(allCode, Is.Zero, "without --from it begins with the oldest there is");
        Assert.That(ParseLines(all)[0].GetProperty("sequence").GetInt64(), Is.EqualTo(long.Parse(Path.GetFileNameWithoutExtension(segments[1]), null)));
    }

    [TestCase("--from", "9", "--to", "3")]
    [TestCase("--from", "-1")]
    [TestCase("--to", "-1")]
    [TestCase("--from", "abc")]
    [TestCase("--limit", "0")]
    [TestCase("--bogus")]
    [TestCase("extra")]
    public void Refuses_a_command_line_it_does_not_understand(params string[] arguments)
    {
        (int code, string output, string error) = Cat(arguments);

        Assert.That(code, Is.EqualTo((int)ExitCode.Usage));
        Assert.That(error, Is.Not.Empty);
        Assert.That(output, Does.Contain("Usage:").And.Not.Contain("Genesis"));
    }

    [Test]
    public void Says_that_there_is_no_directory()
    {
        (int code, _, string error) = CommandLine.Run("journal", "cat", "--data", Path.Combine(_venue.Data, "nowhere"));

        Assert.That(code, Is.EqualTo((int)ExitCode.MissingData));
        Assert.That(error, Does.Contain("expected a data directory; found none"));
    }

    [Test]
    public void Takes_the_directory_on_either_side_of_cat()
    {
        (int code, string output, _) = CommandLine.Run("journal", "--data", _venue.Data, "cat", "--limit", "1");

        Assert.That(code, Is.Zero);
        Assert.That(output, Does.StartWith("0  "));
    }

    [Test]
    public void Ends_quietly_when_the_reader_of_a_pipe_is_gone()
    {
        // Damage behind some megabytes of text: whoever prints on into nowhere comes to it and fails.
        using var venue = new VenueOnDisk(recordsPerGroup: 50, segmentSize: 1024 * 1024);
        venue.Open();
        while (venue.Records.Count < 6000)
            venue.Append(Record(RecordKind.Envelope, (ulong)venue.Records.Count, new byte[300]), replay: false);
        venue.Commit();
        using Copy copy = venue.CopyData();
        Copy.Flip(copy.Segments[^1], 4096 + 200);

        (int gone, string goneError) = Pipe(copy.Data, lines: 3);
        (int whole, string wholeError) = Pipe(copy.Data, lines: int.MaxValue);

        Assert.That((gone, goneError), Is.EqualTo((0, "")));
        Assert.That(whole, Is.EqualTo((int)ExitCode.Damaged), "the control");
        Assert.That(wholeError, Does.Contain("FAILED (damaged)"));
    }

    [Test]
    public void Drops_what_nobody_reads_and_knows_it()
    {
        using var output = new StandardOutput(new NobodyReads());
        Assert.That(output.IsReaderGone, Is.False);
        var error = new StringWriter();

        int code = VerifierCommandLine.Run(["journal", "cat", "--data", _venue.Data], output, error, interactive: false);

        Assert.That(output.IsReaderGone, Is.True);
        Assert.That((code, error.ToString()), Is.EqualTo((0, "")));
        using var full = new StandardOutput(new DiskFull());
        Assert.That(() => full.Write("x"), Throws.TypeOf<IOException>(), "any other failure is one");
    }

    private static (int Code, string Error) Pipe(string data, int lines)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(VerifierCommandLine).Assembly.Location, "journal", "cat", "--data", data])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        for (int i = 0; i < lines && process.StandardOutput.ReadLine() is not null; i++)
        {
        }
        process.StandardOutput.Close();
        Assert.That(process.WaitForExit(TimeSpan.FromMinutes(2)), Is.True);
        return (process.ExitCode, error.GetAwaiter().GetResult());
    }

    private sealed class NobodyReads : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe", 32);
    }

    private sealed class DiskFull : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device", 28);
    }
}
