using Clob.Verifier.Audit;
using Spectre.Console;

namespace Clob.Verifier.Reports;

/// <summary>Shows on a terminal how far a verification is, and leaves nothing of it behind.</summary>
internal static class TerminalProgress
{
    /// <summary>Runs a verification below a moving line.</summary>
    /// <param name="newestCheckpoint">How many records the newest checkpoint covers; 0 when unknown.</param>
    /// <param name="verify">The verification; calls what it is given from its own thread.</param>
    public static VerificationResult Show(ulong newestCheckpoint, Func<Action<AuditSummary>, VerificationResult> verify) =>
        AnsiConsole.Status().Start("Reading the journal", status =>
            verify(summary => status.Status = Markup.Escape(TextReport.Progress(summary, newestCheckpoint))));
}
