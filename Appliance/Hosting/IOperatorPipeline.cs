using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>How commands of account 0 enter the pipeline from outside its threads: through the sequencer's bounded queue.</summary>
public interface IOperatorPipeline
{
    /// <summary>
    /// Hands a signed envelope of account 0 to the sequencer. The envelope has its place in the queue when this returns, so calls made one
    /// after the other are sequenced in that order. The task completes when the record is durable and matched, with all its reports to account 0
    /// in their order.
    /// </summary>
    /// <param name="envelope">A well-formed envelope, signature included; must not change until the task completes.</param>
    /// <param name="cancellation">Ends the waiting, not the command: what has been queued is sequenced.</param>
    /// <exception cref="PipelineBusyException">The queue is full or the pipeline is stopping; nothing was queued.</exception>
    /// <exception cref="CancelsOnlyException">Cancels only are taken, and the envelope holds more; nothing was queued.</exception>
    Task<IReadOnlyList<ExchangeEvent>> SubmitAsync(ReadOnlyMemory<byte> envelope, CancellationToken cancellation);
}

/// <summary>The pipeline took nothing: try again later.</summary>
public sealed class PipelineBusyException : Exception
{
    /// <summary>Says why nothing was taken.</summary>
    public PipelineBusyException(string message)
        : base(message)
    {
    }
}

/// <summary>The venue takes cancels only, as its journal finds no room for the next segment: try again when there is.</summary>
public sealed class CancelsOnlyException : Exception
{
    /// <summary>Says what stands in the way.</summary>
    public CancelsOnlyException(string obstacle)
        : base($"only cancels, reductions, halts and limits are taken until there is room on the disk: {obstacle}")
    {
    }
}
