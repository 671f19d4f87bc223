using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clob.Ring;

/// <summary>
/// The agreement between a thread that goes to sleep and those that give it work, so that no wake-up is lost and an awake thread costs its wakers next to nothing.
/// </summary>
/// <remarks>
/// <code>
/// sleeper                          waker
///   asleep = 1                       publish
///   full fence                       full fence
///   look for work once more          asleep == 1 ?  then leave a token
///   block until a token is there
/// </code>
/// Each side writes, fences, then reads what the other wrote: at least one of them sees the other, so either the sleeper finds the work or the waker finds the sleeper.
/// Only the waker that turns the flag back leaves a token; a publication that finds it turned back precedes the sleeper's next look.
/// </remarks>
internal sealed class Sleeper
{
    private PaddedFlag _asleep;

    /// <summary>The sleeper announces itself; it must look for work once more after this and before it blocks.</summary>
    public void Announce() => Interlocked.Exchange(ref _asleep.Value, 1);

    /// <summary>The sleeper is awake again, whether it was woken, timed out or found work.</summary>
    public void Awake() => Volatile.Write(ref _asleep.Value, 0);

    /// <summary>The waker's side after its full fence.</summary>
    /// <returns>Whether this caller must leave the token.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MustBeWoken() => Volatile.Read(ref _asleep.Value) != 0 && Interlocked.Exchange(ref _asleep.Value, 0) != 0;

    // Read by every waker at every publication: nothing that changes often may share its cache-line pair.
    [StructLayout(LayoutKind.Explicit, Size = (2 * Padding) + sizeof(int))]
    private struct PaddedFlag
    {
        private const int Padding = 128;

        [FieldOffset(Padding)]
        public int Value;
    }
}
