using System.CommandLine;

namespace Clob.Verifier.Commands;

/// <summary>The program's command line.</summary>
internal static class VerifierCommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="output">Results go here.</param>
    /// <param name="error">Failures go here.</param>
    /// <param name="interactive">Whether the output is a terminal, on which progress may be shown.</param>
    /// <returns>The process's exit code.</returns>
    public static int Run(string[] arguments, TextWriter output, TextWriter error, bool interactive)
    {
        var root = new RootCommand("Checks a venue from what it has published: its journal, its checkpoints, its batches.") { FullCommand.Create(interactive), JournalCommand.Create() };
        ParseResult parsed = root.Parse(arguments);
        // The library prints what is wrong and the usage, and then ends with 1, which means something else here.
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        if (parsed.Errors.Count > 0)
        {
            parsed.Invoke(configuration);
            return (int)ExitCode.Usage;
        }
        try
        {
            return parsed.Invoke(configuration);
        }
        catch (Exception bug)
        {
            error.WriteLine($"❌ The verifier itself failed, which says nothing about the venue: {bug}");
            return (int)ExitCode.InternalError;
        }
    }
}
