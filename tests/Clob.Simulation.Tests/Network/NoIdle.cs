using Clob.Ring;

namespace Clob.Simulation.Tests.Network;

/// <summary>In a world nobody sleeps: the scheduler polls whom it likes.</summary>
internal sealed class NoIdle : IIdle
{
    public void Block(int timeoutMicroseconds) => throw new InvalidOperationException("no thread runs in a simulation");

    public void Wake()
    {
    }
}
