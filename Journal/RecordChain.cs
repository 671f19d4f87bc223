using System.Security.Cryptography;

namespace Clob.Journal;

/// <summary>
/// The hash that ties each record to all before it: chain(n) = SHA-256(chain(n-1) ‖ record n), and chain(-1), before record 0, is the journal's
/// identity, so that equal records in two venues have different chains. Allocates nothing after construction.
/// </summary>
public sealed class RecordChain : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _value = new byte[JournalFormat.HashSize];

    /// <summary>Starts from a given value: the identity, or the chain hash after a known record.</summary>
    public RecordChain(ReadOnlySpan<byte> value) => Restart(value);

    /// <summary>The hash after the records appended so far, 32 bytes; changes with the next one.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>Goes on from another value of 32 bytes.</summary>
    public void Restart(ReadOnlySpan<byte> value)
    {
        if (value.Length != JournalFormat.HashSize)
            throw new ArgumentException($"A chain hash has {JournalFormat.HashSize} bytes, not {value.Length}.", nameof(value));
        value.CopyTo(_value);
    }

    /// <summary>Appends a record.</summary>
    public void Append(ReadOnlySpan<byte> record)
    {
        _hash.AppendData(_value);
        _hash.AppendData(record);
        _hash.GetHashAndReset(_value);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
