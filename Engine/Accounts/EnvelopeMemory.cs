using System.Runtime.Intrinsics.X86;
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
internal sealed unsafe class EnvelopeMemory
{
    /// <summary>Envelopes remembered for an account.</summary>
    public const int PerAccount = Envelope.MaximumUnacknowledged;

    private readonly Pool<RememberedEnvelope> _envelopes;

    /// <param name="accounts">How many there will be: each of some thousands may send what it likes without making this grow.</param>
    public EnvelopeMemory(int accounts) =>
        _envelopes = new Pool<RememberedEnvelope>((int)Math.Min((long)accounts * PerAccount, Math.Max(accounts * 8L, 65_536)));

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
        account.Envelopes != 0 && firstNonce >= _envelopes[account.OldestEnvelope].FirstNonce ? RejectReason.NonceReused : RejectReason.NonceTooOld;

    /// <summary>Has the place of an account's next envelope on its way from memory: what comes first takes longer than that.</summary>
    public void Expect(in AccountState account)
    {
        if (!Sse.IsSupported)
            return;
        byte* place = (byte*)(_envelopes.Items + account.OldestEnvelope);
        Sse.Prefetch0(place);
        Sse.Prefetch0(place + sizeof(RememberedEnvelope) - 1); // it may lie in two lines
    }

    /// <summary>Remembers one that was taken in, in place of the oldest when there are <see cref="PerAccount"/>; its <see cref="RememberedEnvelope.Newer"/> means nothing.</summary>
    public void Remember(ref AccountState account, in RememberedEnvelope content)
    {
        uint number = account.Envelopes == PerAccount ? account.OldestEnvelope : Append(ref account);
        ref RememberedEnvelope remembered = ref _envelopes[number];
        uint newer = remembered.Newer;
        remembered = content;
        remembered.Newer = newer;
        account.LatestEnvelope = number;
        account.OldestEnvelope = newer;
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
