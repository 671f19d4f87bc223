using System.Security.Cryptography;
using Clob.Protocol;

namespace Clob.Simulation.Tests.Oracle;

/// <summary>
/// Writes down what left the venue's processes and what traders did: a plain list of what was acknowledged, which knows no stage and no disk.
/// What leaves again must be what left before.
/// </summary>
internal sealed class Witness(Trace trace)
{
    private readonly Dictionary<(ulong Account, ulong Sequence), byte[]> _reports = [];
    private readonly Dictionary<ulong, byte[]> _messages = [];
    private readonly Dictionary<string, byte[]?> _signers = [];

    /// <summary>Reports that left and were not found in a recovered journal yet.</summary>
    public List<(ulong Account, ulong Sequence, byte[] Bytes)> NewReports { get; } = [];

    /// <summary>The same of the feed.</summary>
    public List<(ulong Sequence, byte[] Bytes)> NewMessages { get; } = [];

    /// <summary>Number of leading records of which something left.</summary>
    public ulong AcknowledgedSize { get; private set; }

    public int ReportCount => _reports.Count;

    public void Reported(in ExchangeEvent report, byte[] bytes)
    {
        AcknowledgedSize = Math.Max(AcknowledgedSize, report.RecordSequence + 1);
        trace.Note(bytes);
        if (!_reports.TryAdd((report.Account, report.ReportSequence), bytes))
            RequireSame(_reports[(report.Account, report.ReportSequence)], bytes, $"report {report.ReportSequence} of account {report.Account}");
        else
            NewReports.Add((report.Account, report.ReportSequence, bytes));
    }

    public void Published(in ExchangeEvent happened)
    {
        byte[] bytes = new byte[ExchangeEvent.Size];
        happened.Write(bytes);
        AcknowledgedSize = Math.Max(AcknowledgedSize, happened.RecordSequence + 1);
        trace.Note(bytes);
        if (!_messages.TryAdd(happened.FeedSequence, bytes))
            RequireSame(_messages[happened.FeedSequence], bytes, $"message {happened.FeedSequence}");
        else
            NewMessages.Add((happened.FeedSequence, bytes));
    }

    /// <summary>An envelope goes out, signed with the private key of <paramref name="publicKey"/>, or with nobody's.</summary>
    public void Signed(ReadOnlySpan<byte> envelope, byte[]? publicKey) => _signers[NameOf(envelope)] = publicKey;

    /// <summary>The public key that an envelope's signature is by; null for nobody's.</summary>
    public byte[]? SignerOf(ReadOnlySpan<byte> envelope) =>
        _signers.TryGetValue(NameOf(envelope), out byte[]? key) ? key : throw new ViolationException(Violation.StateDiffers, "the journal holds an envelope that nobody sent");

    private static string NameOf(ReadOnlySpan<byte> envelope) => Convert.ToHexString(SHA256.HashData(envelope));

    private static void RequireSame(byte[] before, byte[] now, string what)
    {
        if (!before.AsSpan().SequenceEqual(now))
            throw new ViolationException(Violation.AcknowledgedChanged, $"{what} left before and leaves with another content");
    }
}
