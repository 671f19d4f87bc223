using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Clob.EndToEnd.Tests;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">All it wrote, standard output and standard error as they came.</param>
internal sealed record ProgramResult(int ExitCode, string Output);

/// <summary>A program of this repository that runs as a process. It dies with this object, and with the test host.</summary>
internal sealed class ProgramProcess : IDisposable
{
    /// <summary>For everything that must happen: machines that build and test at once are slow.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const string Setpriv = "/usr/bin/setpriv";

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly List<(string Text, TaskCompletionSource<string> Seen)> _awaited = [];
    private readonly Lock _gate = new();
    private bool _disposed;

    private ProgramProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
                return _output.ToString();
        }
    }

    /// <summary>Starts a program in a working directory.</summary>
    /// <param name="program">The program.</param>
    /// <param name="workingDirectory">Where it runs.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="tracer">What stands before it on the command line, see <see cref="SystemCallTrace"/>; null for nothing.</param>
    public static ProgramProcess Start(string program, string workingDirectory, IEnumerable<string> arguments, IReadOnlyList<string>? tracer = null)
    {
        string[] command = [.. tracer ?? [], "dotnet", program, .. arguments];
        var start = new ProcessStartInfo
        {
            FileName = command[0],
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (File.Exists(Setpriv))
        {
            start.FileName = Setpriv;
            start.ArgumentList.Add("--pdeathsig=KILL");
            start.ArgumentList.Add(command[0]);
        }

        foreach (string argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        foreach (string setting in start.Environment.Keys.Where(name => name.StartsWith("CLOB_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(setting);
        var running = new ProgramProcess(new Process { StartInfo = start });
        running._process.OutputDataReceived += (_, line) => running.Note(line.Data);
        running._process.ErrorDataReceived += (_, line) => running.Note(line.Data);
        Launcher.Run(() => running._process.Start());
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ProgramResult> RunAsync(string program, string workingDirectory, params IEnumerable<string> arguments)
    {
        using var running = Start(program, workingDirectory, arguments);
        return await running.WaitForEndAsync().ConfigureAwait(false);
    }

    /// <summary>Waits for a line that holds a text and gives it; fails when the program ends before.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_output.ToString().Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                return line;
            _awaited.Add((text, seen));
        }

        var first = await Task.WhenAny(seen.Task, _process.WaitForExitAsync(), Task.Delay(Patience)).ConfigureAwait(false);
        if (first == seen.Task || seen.Task.IsCompleted)
            return await seen.Task.ConfigureAwait(false);
        string end = _process.HasExited ? $"ended with {_process.ExitCode}" : $"did not in {Patience}";
        throw new InvalidOperationException($"waited for a line with '{text}', but the program {end}. Its output:\n{Output}");
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<ProgramResult> WaitForEndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"the program did not end in {Patience}. Its output:\n{Output}");
        }

        return new ProgramResult(_process.ExitCode, Output);
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>SIGSTOP: it does nothing any more, but its connections stay.</summary>
    public void Suspend() => Signal("STOP");

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Kill();
        _process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        kill.WaitForExit();
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
        {
            _output.Append(line).Append('\n');
            foreach (var (text, seen) in _awaited)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    seen.TrySetResult(line);
            }
        }
    }

    /// <summary>The signal comes at the death of the thread that started the process: one that lives as long as the test host.</summary>
    private static class Launcher
    {
        private static readonly BlockingCollection<Action> Work = StartThread();

        public static void Run(Action start)
        {
            using var done = new ManualResetEventSlim();
            Exception? failure = null;
            Work.Add(() =>
            {
                try
                {
                    start();
                }
                catch (Exception thrown)
                {
                    failure = thrown;
                }

                done.Set();
            });
            done.Wait();
            if (failure is not null)
                throw new InvalidOperationException("the program did not start", failure);
        }

        private static BlockingCollection<Action> StartThread()
        {
            var work = new BlockingCollection<Action>();
            new Thread(() =>
            {
                foreach (var start in work.GetConsumingEnumerable())
                    start();
            })
            { IsBackground = true, Name = "launcher" }.Start();
            return work;
        }
    }
}
