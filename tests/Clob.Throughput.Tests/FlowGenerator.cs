using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Clob.Throughput.Tests;

/// <summary>The generator of flows that lies beside the repository, compiled here: an independent reference book in another language.</summary>
internal sealed partial class FlowGenerator : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clob-flow-");

    /// <summary>Compiles it, or skips the test with the reason.</summary>
    public FlowGenerator()
    {
        string source = Source();
        try
        {
            var (status, output) = Run("g++", "-O2", "-std=c++17", source, "-o", Program);
            Assert.That(status, Is.Zero, output);
        }
        catch (Win32Exception)
        {
            Assert.Ignore("skipped: g++ is not installed");
        }
    }

    private string Program => Path.Combine(_folder.FullName, "flowgen");

    /// <summary>Writes a flow; returns its file and what its fills must be, as <see cref="FillDigest"/> prints it.</summary>
    public (string Path, string Fills) Write(string scenario, int commands)
    {
        string path = Path.Combine(_folder.FullName, scenario);
        var (status, output) = Run(Program, scenario, path, $"{commands}");
        Assert.That(status, Is.Zero, output);
        return (path, Fills().Match(output).Value);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Source()
    {
        string? root = Environment.GetEnvironmentVariable("CLOB_SHARED");
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); root is null && folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(candidate))
                root = candidate;
        }

        string path = Path.Combine(root ?? "shared", "bench", "flowgen.cpp");
        if (!File.Exists(path))
            Assert.Ignore("skipped: shared/bench/flowgen.cpp beside the repository (or below CLOB_SHARED) is not there");
        return path;
    }

    private static (int Status, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    [GeneratedRegex("trades=[0-9]+ vol=[0-9]+ digest=[0-9a-f]{16}")]
    private static partial Regex Fills();
}
