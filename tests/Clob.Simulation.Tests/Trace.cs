using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Clob.Simulation.Tests;

/// <summary>A digest over all that happened in a world, in its order: two runs of one seed must have the same.</summary>
internal sealed class Trace : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Note(string what, ulong number = 0)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        _hash.AppendData(System.Text.Encoding.ASCII.GetBytes(what));
        _hash.AppendData(bytes);
    }

    public void Note(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public string Digest() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();
}
