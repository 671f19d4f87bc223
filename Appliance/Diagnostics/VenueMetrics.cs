using Prometheus;

namespace Clob.Appliance.Diagnostics;

/// <summary>
/// What <c>/metrics</c> shows. The parts say once how a figure is read; it is read when somebody looks, so the hot path only counts. Names and alarm levels are
/// in docs/operating.md.
/// </summary>
internal sealed class VenueMetrics
{
    private readonly MetricFactory _factory;

    /// <summary>An empty registry: the process's own figures are added by the host.</summary>
    internal VenueMetrics()
    {
        Registry = Metrics.NewCustomRegistry();
        _factory = Metrics.WithCustomRegistry(Registry);
        DotNetStats.Register(Registry);
    }

    /// <summary>What the endpoint serves.</summary>
    internal CollectorRegistry Registry { get; }

    /// <summary>A figure that goes up and down.</summary>
    /// <param name="name">Name, with the unit last.</param>
    /// <param name="help">What it is.</param>
    /// <param name="read">Reads it; called on a thread of the pool.</param>
    internal void Gauge(string name, string help, Func<double> read)
    {
        var gauge = _factory.CreateGauge(name, help);
        Registry.AddBeforeCollectCallback(() => gauge.Set(read()));
    }

    /// <summary>A figure that only rises.</summary>
    /// <param name="name">Name ending in <c>_total</c>.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="read">Reads it; called on a thread of the pool.</param>
    internal void Counter(string name, string help, Func<double> read)
    {
        var counter = _factory.CreateCounter(name, help);
        Registry.AddBeforeCollectCallback(() => counter.IncTo(read()));
    }

    /// <summary>A figure that only rises, once for each thread.</summary>
    /// <param name="name">Name ending in <c>_total</c>.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="thread">Name of the thread.</param>
    /// <param name="read">Reads it; called on a thread of the pool.</param>
    internal void CounterOfThread(string name, string help, string thread, Func<double> read)
    {
        var counter = _factory.CreateCounter(name, help, "thread").WithLabels(thread);
        Registry.AddBeforeCollectCallback(() => counter.IncTo(read()));
    }
}
