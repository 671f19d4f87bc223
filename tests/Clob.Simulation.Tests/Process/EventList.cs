using Clob.Engine;
using Clob.Protocol;

namespace Clob.Simulation.Tests.Process;

/// <summary>Keeps every event.</summary>
internal readonly struct EventList() : IEventSink
{
    public List<ExchangeEvent> Items { get; } = [];

    public readonly void OnEvent(in ExchangeEvent happened) => Items.Add(happened);
}
