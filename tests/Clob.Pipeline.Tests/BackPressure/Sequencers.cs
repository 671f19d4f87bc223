using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.Pipeline.Tests;

/// <summary>Counts the envelopes that were taken from sessions.</summary>
internal sealed class CountingSequencer(IEnvelopeSequencer inner) : IEnvelopeSequencer
{
    private long _taken;

    public long Taken => Volatile.Read(ref _taken);

    public bool Admits(in Envelope envelope) => inner.Admits(envelope);

    public bool TryPublish(ReadOnlySpan<byte> envelope, int session)
    {
        if (!inner.TryPublish(envelope, session))
            return false;
        Volatile.Write(ref _taken, _taken + 1);
        return true;
    }
}

/// <summary>A sloppy one: says that it took what it let fall, once.</summary>
internal sealed class DroppingSequencer(IEnvelopeSequencer inner) : IEnvelopeSequencer
{
    private bool _hasDropped;

    public bool Admits(in Envelope envelope) => inner.Admits(envelope);

    public bool TryPublish(ReadOnlySpan<byte> envelope, int session)
    {
        if (inner.TryPublish(envelope, session))
            return true;
        if (_hasDropped)
            return false;
        return _hasDropped = true;
    }
}

/// <summary>A sloppy one: takes everything and keeps what the ring does not take, however much that is.</summary>
internal sealed class HoardingSequencer(IEnvelopeSequencer inner) : IEnvelopeSequencer
{
    private readonly Queue<(byte[] Envelope, int Session)> _hoard = [];

    public bool Admits(in Envelope envelope) => inner.Admits(envelope);

    public bool TryPublish(ReadOnlySpan<byte> envelope, int session)
    {
        _hoard.Enqueue((envelope.ToArray(), session));
        while (_hoard.TryPeek(out var oldest) && inner.TryPublish(oldest.Envelope, oldest.Session))
            _hoard.Dequeue();
        return true;
    }
}
