using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>
/// The journal alone decides: processes of another culture, time zone, memory management, compilation and instruction set find the same events
/// and the same state in it. The state exported and imported in between is in <see cref="ReferenceTests"/>.
/// </summary>
[Parallelizable(ParallelScope.Children)]
public sealed class DeterminismTests
{
    private const int LinesOfJournal = 1_200;
    private const int Times = 5;

    private string _folder = "";
    private string _journals = "";
    private string _expected = "";

    [OneTimeSetUp]
    public void WriteJournals()
    {
        _folder = Directory.CreateTempSubdirectory("clob-determinism-").FullName;
        _journals = Directory.CreateDirectory(Path.Combine(_folder, "journals")).FullName;
        int seed = ReferenceTests.Seed;
        TestContext.Out.WriteLine($"seed {seed} (CLOB_SEED)");
        foreach (var shape in Shape.All)
            ReplayedJournals.Write(_journals, shape, ReferenceTests.JournalOf(shape, seed, LinesOfJournal));
        _expected = ReplayedJournals.Digest(_journals);
    }

    [OneTimeTearDown]
    public void DeleteJournals() => Directory.Delete(_folder, recursive: true);

    [TestCase("", "vectors=True")]
    [TestCase("TZ=Pacific/Kiritimati", "zone=840")]
    [TestCase("TZ=America/St_Johns", "zone=-210")]
    [TestCase("DOTNET_gcServer=1", "server=True")]
    [TestCase("DOTNET_gcConcurrent=0", "gc=Batch")]
    [TestCase("DOTNET_TieredCompilation=0", "")]
    [TestCase("DOTNET_TieredPGO=0", "")]
    [TestCase("DOTNET_TC_CallCountThreshold=1 DOTNET_TC_BackgroundWorkerTimeoutMs=0 DOTNET_TC_CallCountingDelayMs=0", "")]
    [TestCase("DOTNET_ReadyToRun=0", "")]
    [TestCase("DOTNET_EnableHWIntrinsic=0", "vectors=False")]
    public void Replay_is_the_same_with(string settings, string circumstance) => Compare(settings, circumstance);

    [Test]
    public void Replay_is_the_same_in_a_made_up_culture() => Compare("", "minus=minus", "culture");

    [Test]
    public void Replay_is_the_same_while_all_objects_move() => Compare("DOTNET_GCgen0size=20000", "collected=True", "collect");

    [TestCase("tr_TR")]
    [TestCase("ar_SA")]
    [TestCase("sv_SE")]
    public void Replay_is_the_same_in_the_culture(string locale) =>
        Compare($"LANG={locale}.UTF-8 LC_ALL={locale}.UTF-8", $"culture={locale.Replace('_', '-')}", WithCultures());

    [Test]
    public void One_changed_bit_of_a_record_gives_another_digest()
    {
        var shape = Shape.Crowded;
        string folder = Directory.CreateTempSubdirectory("clob-determinism-").FullName;
        try
        {
            var journal = ReferenceTests.JournalOf(shape, seed: 1, lines: 300);
            ReplayedJournals.Write(folder, shape, journal);
            string before = ReplayedJournals.Digest(folder);
            Assert.That(ReplayedJournals.Digest(folder), Is.EqualTo(before));
            byte[] envelope = journal.FindLast(entry => entry.IsValid && entry.Record[0] == (byte)RecordKind.Envelope).Record;
            envelope[^(Envelope.SignatureSize + 1)] ^= 1; // the last byte of its last command
            ReplayedJournals.Write(folder, shape, journal);
            Assert.That(ReplayedJournals.Digest(folder), Is.Not.EqualTo(before));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Compare(string settings, string circumstance, params string[] arguments)
    {
        if (circumstance == "server=True" && Environment.ProcessorCount == 1)
            Assert.Ignore("there is no server garbage collector on one processor");
        string[] lines = Run(settings, arguments);
        TestContext.Out.WriteLine(lines[^1]);
        Assert.That(lines[..^1], Is.EqualTo(Enumerable.Repeat(_expected, Times)));
        Assert.That(lines[^1], Does.Contain(circumstance), "the setting did not arrive");
    }

    private string[] Run(string settings, string[] arguments)
    {
        string dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet");
        string program = typeof(ReplayProgram).Assembly.Location;
        bool hasConfig = arguments is [var config] && File.Exists(config);
        string[] before = hasConfig ? ["exec", "--runtimeconfig", arguments[0]] : ["exec"];
        string[] behind = hasConfig ? [] : arguments;
        var start = new ProcessStartInfo(dotnet, [.. before, program, _journals, $"{Times}", .. behind]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string setting in settings.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            start.Environment[setting.Split('=')[0]] = setting.Split('=')[1];
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (errors.Result.Contains("valid ICU package", StringComparison.Ordinal))
            Assert.Ignore("no libicu here, so there are no cultures but the invariant one");
        Assert.That(process.ExitCode, Is.Zero, errors.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The program's runtime configuration, but with the system's cultures, which all our programs switch off.</summary>
    private string WithCultures()
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(typeof(ReplayProgram).Assembly.Location, "runtimeconfig.json")))!;
        config["runtimeOptions"]!["configProperties"]!["System.Globalization.Invariant"] = false;
        string path = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        File.WriteAllText(path, config.ToJsonString());
        return path;
    }
}
