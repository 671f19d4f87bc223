using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Clob.EndToEnd.Tests;

/// <summary>A system call of a traced process.</summary>
/// <param name="Thread">Its thread.</param>
/// <param name="Name">The call.</param>
/// <param name="Number">Which of the calls of this name on this path by its thread it is, from 1: how strace counts.</param>
/// <param name="Path">The file or directory it is for.</param>
/// <param name="IsInjected">Whether strace made it fail instead of letting it happen.</param>
internal sealed record TracedCall(int Thread, string Name, int Number, string Path, bool IsInjected);

/// <summary>
/// The calls of a process that make things durable, traced by strace, which makes one of them fail where it is asked to. The process stays a child of who
/// started it, so its signals and its exit status are its own.
/// </summary>
internal sealed partial class SystemCallTrace(string log)
{
    private const string Calls = "fdatasync,fsync,pwrite64,rename,renameat,renameat2";

    /// <summary>Skips the test, with what the system said, where no process may be traced.</summary>
    public static void Require()
    {
        string reason;
        try
        {
            var start = new ProcessStartInfo("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"]) { RedirectStandardError = true };
            using var process = Process.Start(start)!;
            reason = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            reason = missing.Message;
        }

        Assert.Ignore($"skipped: strace cannot trace a process on this host: {reason}");
    }

    /// <summary>What stands before the command that is traced.</summary>
    public IReadOnlyList<string> Command() =>
        ["strace", "--daemonize", "-f", "--seccomp-bpf", "--decode-fds=path", "--signal=none", "-o", log, $"--trace={Calls}"];

    /// <summary>The same, for the calls on one file or directory, of which one fails.</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="failing">What fails, such as <c>fdatasync:error=EIO:when=3</c>: the third of each thread.</param>
    public IReadOnlyList<string> Command(string path, string failing) => [.. Command(), $"--trace-path={path}", $"--inject={failing}"];

    /// <summary>The calls in their order. The process has ended; strace may still be writing its last lines.</summary>
    public async Task<IReadOnlyList<TracedCall>> ReadAsync(int process)
    {
        string start = $"{process} ";
        using var limit = new CancellationTokenSource(ProgramProcess.Patience);
        string[] lines;
        while (true)
        {
            lines = await File.ReadAllLinesAsync(log, limit.Token).ConfigureAwait(false);
            if (lines.Any(line => line.StartsWith(start, StringComparison.Ordinal) && line.Contains("+++ ", StringComparison.Ordinal)))
                return Parse(lines);
            await Task.Delay(20, limit.Token).ConfigureAwait(false);
        }
    }

    private static List<TracedCall> Parse(IEnumerable<string> lines)
    {
        var calls = new List<TracedCall>();
        var numbers = new Dictionary<(int Thread, string Name, string Path), int>();
        foreach (string line in lines)
        {
            bool isInjected = line.EndsWith("(INJECTED)", StringComparison.Ordinal);
            if (CallPattern().Match(line) is { Success: true } begun)
            {
                int thread = int.Parse(begun.Groups["thread"].Value);
                var (name, path) = (begun.Groups["name"].Value, begun.Groups["path"].Value);
                int number = numbers[(thread, name, path)] = numbers.GetValueOrDefault((thread, name, path)) + 1;
                calls.Add(new TracedCall(thread, name, number, path, isInjected));
            }
            else if (isInjected && ResumedPattern().Match(line) is { Success: true } resumed)
            {
                int last = calls.FindLastIndex(call => call.Thread == int.Parse(resumed.Groups["thread"].Value));
                calls[last] = calls[last] with { IsInjected = true };
            }
        }

        return calls;
    }

    // 30566 fdatasync(196</data/journal/00000000000000000000.seg>) = -1 EIO (Input/output error) (INJECTED)
    // 30493 rename("/data/da/54cb.tmp", "/data/da/54cb" <unfinished ...>
    [GeneratedRegex("^(?<thread>[0-9]+) +(?<name>[a-z0-9]+)\\((?:[0-9]+<|[^\"]*\")(?<path>[^\">]*)")]
    private static partial Regex CallPattern();

    [GeneratedRegex(@"^(?<thread>[0-9]+) +<\.\.\. ")]
    private static partial Regex ResumedPattern();
}
