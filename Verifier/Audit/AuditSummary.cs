using Clob.Proofs;

namespace Clob.Verifier.Audit;

/// <summary>An asset at the end of a verification.</summary>
/// <param name="Asset">Asset id.</param>
/// <param name="Symbol">Short name.</param>
/// <param name="Decimals">10^decimals smallest units make one.</param>
/// <param name="Total">What all accounts hold together, smallest units.</param>
internal sealed record AssetSummary(uint Asset, string Symbol, byte Decimals, UInt128 Total);

/// <summary>What has been checked so far; all of it held.</summary>
internal sealed record AuditSummary
{
    /// <summary>The venue id; null before record 0.</summary>
    public Hash256? Venue { get; init; }

    /// <summary>The log key as a C2SP verifier key.</summary>
    public string? LogKey { get; init; }

    /// <summary>Records replayed.</summary>
    public ulong Records { get; init; }

    /// <summary>Envelopes among them.</summary>
    public ulong Envelopes { get; init; }

    /// <summary>Commands in these envelopes.</summary>
    public ulong Commands { get; init; }

    /// <summary>Signatures of clients and operator checked.</summary>
    public ulong Signatures { get; init; }

    /// <summary>Those that were invalid: their envelopes did nothing.</summary>
    public ulong InvalidSignatures { get; init; }

    /// <summary>Accounts, the venue's own included.</summary>
    public ulong Accounts { get; init; }

    /// <summary>Assets and what is held of them.</summary>
    public IReadOnlyList<AssetSummary> Assets { get; init; } = [];

    /// <summary>Checkpoints held against the replay.</summary>
    public ulong Checkpoints { get; init; }

    /// <summary>The last of them; null before the first.</summary>
    public CheckpointRecord? LastCheckpoint { get; init; }

    /// <summary>Records replayed behind the last checkpoint.</summary>
    public ulong RecordsBeyond => Records - Math.Min(Records, LastCheckpoint?.JournalSize ?? 0);

    /// <summary>Checkpoints signed and chained, but not replayed: the data availability layer does not hold their records yet.</summary>
    public ulong CheckpointsBeyond { get; init; }

    /// <summary>Time taken, milliseconds.</summary>
    public long Milliseconds { get; init; }

    /// <summary>Things that are no failure and worth knowing.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}
