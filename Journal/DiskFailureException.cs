using System.Runtime.InteropServices;

namespace Clob.Journal;

/// <summary>
/// A system call on a file failed. What was being written may be on disk, partly on disk or not there, so the process stops and recovery decides;
/// the call is never tried again.
/// </summary>
public sealed class DiskFailureException : IOException
{
    /// <summary>errno: no space left on device.</summary>
    public const int NoSpace = 28;

    /// <summary>errno: input/output error.</summary>
    public const int InputOutput = 5;

    /// <summary>errno: no such file or directory.</summary>
    public const int NotFound = 2;

    /// <summary>Describes the failure.</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="operation">The system call.</param>
    /// <param name="errorNumber">errno, 0 where the call did not fail but did less than it had to.</param>
    /// <param name="expected">What it was to do, or what it did instead.</param>
    public DiskFailureException(string path, string operation, int errorNumber, string expected)
        : base($"{operation} failed on {path}: {expected}; {Reason(errorNumber)}")
    {
        Path = path;
        Operation = operation;
        ErrorNumber = errorNumber;
    }

    /// <summary>The file or directory.</summary>
    public string Path { get; }

    /// <summary>The system call.</summary>
    public string Operation { get; }

    /// <summary>errno, or 0 where the call did less than it had to.</summary>
    public int ErrorNumber { get; }

    private static string Reason(int errorNumber) =>
        errorNumber == 0 ? "no error reported" : $"{Marshal.GetPInvokeErrorMessage(errorNumber)} (errno {errorNumber})";
}
