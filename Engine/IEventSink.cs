using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// Where events go, in the order in which they happen. The Exchange takes it as a generic argument, so a struct is called directly and
/// the just-in-time compiler may inline it.
/// </summary>
public interface IEventSink
{
    /// <summary>One event. The reference is good during the call only.</summary>
    void OnEvent(in ExchangeEvent happened);
}
