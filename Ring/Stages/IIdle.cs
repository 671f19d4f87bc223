namespace Clob.Ring;

/// <summary>
/// How a thread blocks and is woken. A thread that also waits for sockets hands in one that blocks in its own <c>epoll_wait</c>
/// and wakes through an eventfd.
/// </summary>
/// <remarks>A <see cref="Wake"/> is a token, not a signal: one that comes before <see cref="Block"/> makes it return at once. Two tokens may count as one.</remarks>
public interface IIdle
{
    /// <summary>Blocks until a token is there or the time is over, and takes the token. May return early without one. Called by one thread.</summary>
    /// <param name="timeoutMicroseconds">The longest to block, at least 1.</param>
    void Block(int timeoutMicroseconds);

    /// <summary>Leaves a token. Called by any thread.</summary>
    void Wake();
}
