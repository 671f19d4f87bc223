namespace Clob.Ring;

/// <summary>
/// One step in the way of an order. Stages never block, they are polled, so that which of them share a thread is configuration.
/// </summary>
public interface IStage
{
    /// <summary>The stage's name in logs, metrics and fatal errors.</summary>
    string Name { get; }

    /// <summary>Does what is ready. Called by one thread, and never again from within itself.</summary>
    /// <returns>Whether anything was done. False lets the thread go idle.</returns>
    bool Poll();
}
