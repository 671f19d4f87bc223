namespace Clob.Appliance.Pipeline;

/// <summary>The queue to the sequencer is full: try again in a moment.</summary>
public sealed class PipelineBusyException() : Exception("the venue has more commands waiting than it takes; try again in a moment");
