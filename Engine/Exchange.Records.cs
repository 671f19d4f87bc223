using System.Security.Cryptography;
using Clob.Protocol;

namespace Clob.Engine;

// Records other than envelopes: what the sequencer writes on the venue's own account.
public sealed partial class Exchange
{
    private readonly List<ulong> _unsettledInvalid = [];
    private ulong _nextUnsettled;
    private uint _version;

    /// <summary>First sequence that no Verdict covers yet.</summary>
    public ulong NextUnsettled => _nextUnsettled;

    /// <summary>Envelopes with a bad signature from <see cref="NextUnsettled"/> on, rising: what the next Verdict must list as far as it reaches.</summary>
    public IReadOnlyList<ulong> UnsettledInvalid => _unsettledInvalid;

    private void ApplyOther<TSink>(in RecordHeader header, ReadOnlySpan<byte> payload, ref TSink sink) where TSink : IEventSink
    {
        switch (header.Kind)
        {
            case RecordKind.Genesis:
                ApplyGenesis(header, payload, ref sink);
                break;
            case RecordKind.Mark:
                RefuseUnlessEmpty(payload);
                PublishMarkets(ref sink);
                break;
            case RecordKind.Time:
                RefuseUnlessEmpty(payload);
                break;
            case RecordKind.Disconnect:
                ApplyDisconnect(payload, ref sink);
                break;
            case RecordKind.Verdict:
                ApplyVerdict(payload);
                break;
            case RecordKind.EngineVersion:
                ApplyEngineVersion(payload);
                break;
            default:
                throw Refused("a known kind of record", $"{header.Kind}");
        }
    }

    private void ApplyGenesis<TSink>(in RecordHeader header, ReadOnlySpan<byte> payload, ref TSink sink) where TSink : IEventSink
    {
        var genesis = Genesis.TryRead(payload) ?? throw Refused("a genesis of format 1", $"{payload.Length} bytes of something else");
        RefuseUnlessKnown(genesis.EngineVersion, atLeast: 1);
        if (!VerifyingKey.IsAdmissible(genesis.OperatorKey))
            throw Refused("an operator key that may be registered", Convert.ToHexStringLower(genesis.OperatorKey));
        Span<byte> record = stackalloc byte[RecordHeader.Size + Genesis.Size];
        header.Write(record);
        payload.CopyTo(record[RecordHeader.Size..]);
        _venueId = SHA256.HashData(record);
        _version = genesis.EngineVersion;
        OpenAccount(genesis.OperatorKey);
        var happened = new ExchangeEvent { Kind = EventKind.SystemEvent };
        Publish(ref sink, ref happened);
    }

    private void ApplyDisconnect<TSink>(ReadOnlySpan<byte> payload, ref TSink sink) where TSink : IEventSink
    {
        if (!Disconnect.TryRead(payload, out var disconnect))
            throw Refused($"{Disconnect.Size} bytes of payload", $"{payload.Length}");
        if (!Keys.CancelsOnDisconnect(disconnect.Account))
            throw Refused("an account that asked for cancel on disconnect", $"account {disconnect.Account}, which did not");
        CancelOpenOrders((uint)disconnect.Account, 0, 0, CancelReason.Disconnected, ref sink);
    }

    /// <summary>
    /// A verdict must follow the one before without a gap and list exactly the envelopes in its range whose signature this Exchange found
    /// invalid. Where the hints came from that very verdict (recovery), this still holds it to what precedes the signature in the order of
    /// reasons: a listed sequence must be a well-formed envelope of a known account. That the signatures are what it says, the verifier checks.
    /// </summary>
    private void ApplyVerdict(ReadOnlySpan<byte> payload)
    {
        if (!Verdict.TryRead(payload, out var verdict))
            throw Refused("a well-formed verdict", $"{payload.Length} bytes of something else");
        if (verdict.From != _nextUnsettled || verdict.Through >= _record.Sequence)
        {
            throw Refused(
                $"a verdict from {_nextUnsettled} through at most {_record.Sequence - 1}", $"one from {verdict.From} through {verdict.Through}");
        }

        int settled = 0;
        while (settled < _unsettledInvalid.Count && _unsettledInvalid[settled] <= verdict.Through)
            settled++;
        bool isEqual = settled == verdict.Count;
        for (int i = 0; i < settled && isEqual; i++)
            isEqual = verdict.InvalidAt(i) == _unsettledInvalid[i];
        if (!isEqual)
            throw Refused($"invalid signatures at {string.Join(", ", _unsettledInvalid.Take(settled))}", Sequences(verdict));
        _unsettledInvalid.RemoveRange(0, settled);
        _nextUnsettled = verdict.Through + 1;
    }

    private static string Sequences(in Verdict verdict)
    {
        var sequences = new List<ulong>();
        for (int i = 0; i < verdict.Count; i++)
            sequences.Add(verdict.InvalidAt(i));
        return string.Join(", ", sequences);
    }

    /// <summary>
    /// A venue goes on under newer rules, never back to former ones. The version of now may be said again: another build of the same rules.
    /// </summary>
    private void ApplyEngineVersion(ReadOnlySpan<byte> payload)
    {
        if (!EngineVersionChange.TryRead(payload, out var change))
            throw Refused($"{EngineVersionChange.Size} bytes of payload", $"{payload.Length}");
        RefuseUnlessKnown(change.Version, atLeast: _version);
        _version = change.Version;
    }

    private void RefuseUnlessKnown(uint version, uint atLeast)
    {
        if (version < atLeast || version > _rules.NewestVersion)
            throw Refused($"an engine version from {atLeast} to {_rules.NewestVersion}", $"{version}");
    }

    private void EndWhatIsDue<TSink>(ref TSink sink) where TSink : IEventSink
    {
        while (_deadlines.Count != 0 && _deadlines.Earliest <= _record.Time) // none is also the last moment of 64 bits
            CancelOrder(_deadlines.First.Order, CancelReason.DeadlinePassed, ref sink);
    }

    private void RefuseUnlessEmpty(ReadOnlySpan<byte> payload)
    {
        if (!payload.IsEmpty)
            throw Refused("no payload", $"{payload.Length} bytes");
    }

    private ReplayRefusedException Refused(string expected, string found) => new(_record.Sequence, expected, found);
}
