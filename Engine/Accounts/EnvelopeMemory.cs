using Clob.Protocol;

namespace Clob.Engine;

/// <summary>An envelope that was taken in: enough to answer it when it comes again.</summary>
internal struct RememberedEnvelope : IPooled
{
    public UInt128 Digest;
    public ulong FirstNonce;
    public ulong RecordSequence;
    public ulong FirstReport;
    public ushort Commands;

    /// <summary>The next newer one of the account; behind the newest comes the oldest.</summary>
    public uint Newer;

    uint IPooled.NextFree
    {
        readonly get => Newer;
        set => Newer = value;
    }
}

/// <summary>The last envelopes of every account: a closed chain each, so that the newest can take the place of the oldest.</summary>
internal sealed class EnvelopeMemory
{
    /// <summary>Envelopes remembered for an account.</summary>
    public const int PerAccount = Envelope.MaximumUnacknowledged;

    private readonly Pool<RememberedEnvelope> _envelopes;

    public EnvelopeMemory(int accounts) => _envelopes = new Pool<RememberedEnvelope>(accounts * 8);

    public ref RememberedEnvelope this[uint number] => ref _envelopes[number];

    /// <summary>The remembered envelope with this first nonce and digest, 0 for none.</summary>
    public uint Find(in AccountState account, ulong firstNonce, UInt128 digest)
    {
        uint at = account.LatestEnvelope;
        for (int i = 0; i < account.Envelopes; i++)
        {
            at = _envelopes[at].Newer;
            if (_envelopes[at].FirstNonce == firstNonce && _envelopes[at].Digest == digest)
                return at;
        }

        return 0;
    }

    /// <summary>
    /// Why a nonce below the next one is refused when the envelope is not a repetition: <see cref="RejectReason.NonceReused"/> from the
    /// first nonce of the oldest remembered envelope on (nonces that a gap skipped count as used), <see cref="RejectReason.NonceTooOld"/> below.
    /// </summary>
    public RejectReason WhyRefused(in AccountState account, ulong firstNonce) =>
        account.Envelopes != 0 && firstNonce >= _envelopes[Oldest(account)].FirstNonce ? RejectReason.NonceReused : RejectReason.NonceTooOld;

    /// <summary>The oldest remembered envelope; there must be one.</summary>
    public uint Oldest(in AccountState account) => _envelopes[account.LatestEnvelope].Newer;

    /// <summary>Remembers one that was taken in, in place of the oldest when there are <see cref="PerAccount"/>; its <see cref="RememberedEnvelope.Newer"/> means nothing.</summary>
    public void Remember(ref AccountState account, in RememberedEnvelope content)
    {
        uint number = account.Envelopes == PerAccount ? Oldest(account) : Append(ref account);
        ref RememberedEnvelope remembered = ref _envelopes[number];
        remembered = content with { Newer = remembered.Newer };
        account.LatestEnvelope = number;
    }

    private uint Append(ref AccountState account)
    {
        uint number = _envelopes.Take();
        if (account.Envelopes == 0)
        {
            _envelopes[number].Newer = number;
        }
        else
        {
            ref RememberedEnvelope latest = ref _envelopes[account.LatestEnvelope];
            _envelopes[number].Newer = latest.Newer;
            latest.Newer = number;
        }

        account.Envelopes++;
        return number;
    }
}
