using BenchmarkDotNet.Attributes;
using Clob.Protocol;

namespace Clob.Benchmarks;

/// <summary>What one signature costs to check, for one order and for 64 under one signature.</summary>
public class Signatures
{
    private readonly byte[] _venueId = new byte[Genesis.VenueIdSize];
    private byte[] _single = [];
    private byte[] _batch = [];
    private VerifyingKey _key = null!;

    [GlobalSetup]
    public void Sign()
    {
        using var key = SigningKey.Generate();
        _key = VerifyingKey.TryImport(key.PublicKey)!;
        _single = Signed(key, 1);
        _batch = Signed(key, 64);
    }

    [Benchmark(Baseline = true, Description = "signature of one order")]
    public bool One() => Verify(_single);

    [Benchmark(Description = "signature of 64 orders, per order", OperationsPerInvoke = 64)]
    public bool SixtyFour() => Verify(_batch);

    private bool Verify(byte[] bytes)
    {
        Envelope.TryRead(bytes, out var envelope, out _);
        return EnvelopeSignature.Verify(_key, _venueId, envelope);
    }

    private byte[] Signed(SigningKey key, int orders)
    {
        var builder = new EnvelopeBuilder(new byte[Envelope.MaximumSize], 1, 1);
        for (int i = 0; i < orders; i++)
            builder.TryAdd(NewOrder.Limit(1, Side.Buy, 1000, 1));
        return builder.Sign(key, _venueId).ToArray();
    }
}
