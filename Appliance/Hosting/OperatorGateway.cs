using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>
/// The one signer of account 0. It numbers, signs and queues one envelope at a time, so nonces rise in the order of the queue; the answers are waited for
/// side by side. Numbers that were not used (a busy queue) stay gaps, which the rules allow.
/// </summary>
internal sealed class OperatorGateway
{
    private readonly IOperatorPipeline _pipeline;
    private readonly SigningKey _key;
    private readonly byte[] _venueId;
    private readonly Lock _signing = new();
    private ulong _nextNonce;

    /// <summary>Signs for a venue.</summary>
    /// <param name="pipeline">Where envelopes go.</param>
    /// <param name="key">Account 0's key; outlives the gateway.</param>
    /// <param name="venueId">The venue id.</param>
    /// <param name="nextNonce">Account 0's next nonce as recovered.</param>
    internal OperatorGateway(IOperatorPipeline pipeline, SigningKey key, ReadOnlySpan<byte> venueId, ulong nextNonce)
    {
        _pipeline = pipeline;
        _key = key;
        _venueId = venueId.ToArray();
        _nextNonce = nextNonce;
    }

    /// <summary>Adds commands to an envelope; false when one did not fit.</summary>
    internal delegate bool CommandWriter(ref EnvelopeBuilder envelope);

    /// <summary>Carries out one command and gives the report that answers it.</summary>
    /// <exception cref="OperatorRejectException">The venue refused it.</exception>
    /// <exception cref="PipelineBusyException">Nothing was done: too much is waiting.</exception>
    /// <exception cref="CancelsOnlyException">Nothing was done: only cancels are taken.</exception>
    internal async Task<ExchangeEvent> ExecuteAsync<TCommand>(TCommand command, CancellationToken cancellation)
        where TCommand : struct, ICommand
    {
        var reports = await ExecuteAllAsync((ref EnvelopeBuilder envelope) => envelope.TryAdd(command), cancellation).ConfigureAwait(false);
        foreach (var report in reports)
        {
            if (report.Kind == EventKind.Completed)
                return report;
        }

        throw new InvalidOperationException($"{TCommand.Type} was answered by {reports.Count} report(s), none of which says that it was done.");
    }

    /// <summary>Carries out several commands as one record: all are in the journal or none.</summary>
    /// <exception cref="OperatorRejectException">The venue refused one; the others were carried out.</exception>
    /// <exception cref="PipelineBusyException">Nothing was done: too much is waiting.</exception>
    /// <exception cref="CancelsOnlyException">Nothing was done: only cancels are taken.</exception>
    internal async Task<IReadOnlyList<ExchangeEvent>> ExecuteAllAsync(CommandWriter write, CancellationToken cancellation)
    {
        var reports = await Submit(write, cancellation).ConfigureAwait(false);
        foreach (var report in reports)
        {
            if (report.Kind is EventKind.Rejected or EventKind.EnvelopeRejected)
                throw new OperatorRejectException((RejectReason)report.Reason);
        }

        return reports;
    }

    private Task<IReadOnlyList<ExchangeEvent>> Submit(CommandWriter write, CancellationToken cancellation)
    {
        byte[] buffer = new byte[Envelope.MaximumSize];
        lock (_signing)
        {
            var envelope = new EnvelopeBuilder(buffer, account: 0, _nextNonce);
            if (!write(ref envelope) || envelope.Count == 0)
                throw new InvalidOperationException("An operator's commands do not fit one envelope.");
            int count = envelope.Count;
            int size = envelope.Sign(_key, _venueId).Length;
            _nextNonce += (uint)count;
            return _pipeline.SubmitAsync(buffer.AsMemory(0, size), cancellation);
        }
    }
}

/// <summary>The venue refused a command of the operator.</summary>
internal sealed class OperatorRejectException(RejectReason reason) : Exception($"refused: {reason}")
{
    /// <summary>Why.</summary>
    internal RejectReason Reason { get; } = reason;
}
