namespace Clob.Appliance;

/// <summary>How the process ends. Listed in <c>docs/operating.md</c>.</summary>
public static class ExitCode
{
    /// <summary>Stopped as asked.</summary>
    public const int Stopped = 0;

    /// <summary>The start failed; nothing was acknowledged.</summary>
    public const int StartFailed = 1;

    /// <summary>Settings or arguments are not accepted; nothing was touched.</summary>
    public const int BadSettings = 2;

    /// <summary>A stage, the disk or an invariant failed while running: the process ended at once (EX_SOFTWARE of sysexits).</summary>
    public const int Fatal = 70;
}
