using System.Security.Cryptography;

namespace Clob.Journal;

/// <summary>
/// The hash that ties each record to all before it: chain(n) = SHA-256(chain(n-1) ‖ record n), and chain(-1), before record 0, is the journal's
/// identity, so that equal records in two venues have different chains. Allocates nothing after construction.
/// </summary>
public sealed class RecordChain
{
    // The value, then room for the record that comes behind it: one call of the hash function is cheaper than a copy and three calls.
    private readonly byte[] _link = new byte[JournalFormat.HashSize + JournalFormat.MaximumRecordLength];

    /// <summary>Starts from a given value: the identity, or the chain hash after a known record.</summary>
    public RecordChain(ReadOnlySpan<byte> value) => Restart(value);

    /// <summary>The hash after the records appended so far, 32 bytes; changes with the next one.</summary>
    public ReadOnlySpan<byte> Value => _link.AsSpan(0, JournalFormat.HashSize);

    /// <summary>Goes on from another value of 32 bytes.</summary>
    public void Restart(ReadOnlySpan<byte> value)
    {
        if (value.Length != JournalFormat.HashSize)
            throw new ArgumentException($"A chain hash has {JournalFormat.HashSize} bytes, not {value.Length}.", nameof(value));
        value.CopyTo(_link);
    }

    /// <summary>Appends a record.</summary>
    public void Append(ReadOnlySpan<byte> record)
    {
        record.CopyTo(_link.AsSpan(JournalFormat.HashSize));
        SHA256.HashData(_link.AsSpan(0, JournalFormat.HashSize + record.Length), _link);
    }
}
