using Clob.Verifier.Commands;

namespace Clob.Verifier.Tests;

/// <summary>Runs the program's command lines in this process.</summary>
internal static class CommandLine
{
    public static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = VerifierCommandLine.Run(arguments, output, error, interactive: false);
        return (code, output.ToString(), error.ToString());
    }
}
