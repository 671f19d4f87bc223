using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clob.Ring;

/// <summary>
/// Blocks in the kernel's futex: one system call to sleep, one to wake, microsecond timeouts, nothing allocated. Source: futex(2).
/// </summary>
public sealed partial class FutexIdle : IIdle
{
    private const int NoToken = 0;
    private const int Token = 1;

    private const int WaitPrivate = 0 | 128; // FUTEX_WAIT | FUTEX_PRIVATE_FLAG
    private const int WakePrivate = 1 | 128; // FUTEX_WAKE | FUTEX_PRIVATE_FLAG

    private const int InterruptedBySignal = 4; // EINTR
    private const int TokenWasThere = 11; // EAGAIN
    private const int TimedOut = 110; // ETIMEDOUT

    // glibc has no futex(): the number of the system call depends on the architecture.
    private static readonly nint FutexNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        Architecture other => throw new PlatformNotSupportedException($"The number of the futex system call on {other} is not known here."),
    };

    // The token's word in the middle of two cache-line pairs of its own. Pinned, and the collector's to free: a late Wake never touches freed memory.
    private readonly int[] _words = GC.AllocateArray<int>(64, pinned: true);
    private readonly nint _word;

    /// <summary>Without a token.</summary>
    public unsafe FutexIdle() => _word = (nint)Unsafe.AsPointer(ref _words[32]);

    /// <inheritdoc/>
    /// <exception cref="Win32Exception">The kernel refused, which only a bug here can cause.</exception>
    public unsafe void Block(int timeoutMicroseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(timeoutMicroseconds);
        int* word = (int*)_word;
        if (Interlocked.Exchange(ref *word, NoToken) == Token) return;

        TimeSpecification timeout = new(timeoutMicroseconds / 1_000_000, timeoutMicroseconds % 1_000_000 * 1_000);
        if (SystemCall(FutexNumber, word, WaitPrivate, NoToken, &timeout, null, 0) == -1)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error is not (InterruptedBySignal or TokenWasThere or TimedOut)) throw new Win32Exception(error, $"futex wait: error {error}");
        }

        Interlocked.Exchange(ref *word, NoToken);
    }

    /// <inheritdoc/>
    /// <exception cref="Win32Exception">The kernel refused, which only a bug here can cause.</exception>
    public unsafe void Wake()
    {
        int* word = (int*)_word;
        if (Interlocked.Exchange(ref *word, Token) == Token) return;
        if (SystemCall(FutexNumber, word, WakePrivate, 1, null, null, 0) == -1)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new Win32Exception(error, $"futex wake: error {error}");
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint SystemCall(nint number, int* word, nint operation, nint value, TimeSpecification* timeout, int* second, nint third);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpecification(long seconds, long nanoseconds)
    {
        public readonly long Seconds = seconds;
        public readonly long Nanoseconds = nanoseconds;
    }
}
