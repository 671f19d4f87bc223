using Clob.Settlement;

namespace Clob.Appliance.FakeDa;

/// <summary>How the stand-in for an EigenDA proxy behaves.</summary>
public sealed record FakeDaOptions
{
    /// <summary>Largest payload it takes and states in <c>/config</c>, bytes; default EigenDA's own limit.</summary>
    public long MaximumPayloadSize { get; init; } = EigenDaProxy.DefaultMaximumBatchSize;

    /// <summary>How many of the first puts and gets are answered with <see cref="FailureStatus"/>; default none.</summary>
    public int FailFirst { get; init; }

    /// <summary>The HTTP status of those answers; default 503.</summary>
    public int FailureStatus { get; init; } = StatusCodes.Status503ServiceUnavailable;

    /// <summary>Most bytes kept; the oldest blobs are forgotten beyond it, as EigenDA's expire. Default 1 GiB.</summary>
    public long Capacity { get; init; } = 1L << 30;
}
