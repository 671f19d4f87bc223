using Clob.Protocol;

namespace Clob.Throughput;

/// <summary>The flow as the bytes that traders sign, one command behind the other: type, length, body.</summary>
internal sealed class EncodedCommands
{
    /// <summary>Traders; each order belongs to one by its id.</summary>
    public const int Accounts = 1_000;

    private const int LargestOnAverage = 40;
    private const int BlockBits = 26; // so that a flow of any length fits arrays; commands do not span blocks
    private readonly List<byte[]> _blocks = [];
    private readonly long[] _starts;
    private readonly UInt128[] _digests = [];

    /// <param name="flow">What will be encoded.</param>
    /// <param name="withDigests">Whether to take the digests of envelopes that hold one command each.</param>
    public EncodedCommands(Flow flow, bool withDigests)
    {
        _starts = new long[flow.Records.Length];
        long at = 0;
        _blocks.Add(new byte[1 << BlockBits]);
        for (int i = 0; i < _starts.Length; i++)
        {
            if (at % (1 << BlockBits) > (1 << BlockBits) - 2 * LargestOnAverage)
            {
                at = (long)_blocks.Count << BlockBits;
                _blocks.Add(new byte[1 << BlockBits]);
            }

            _starts[i] = at;
            at += Write(flow.Records[i], _blocks[^1].AsSpan((int)(at % (1 << BlockBits))));
        }

        if (withDigests)
            _digests = TakeDigests(flow);
    }

    /// <summary>Digest of the envelope that holds the command, as the verify stage hands it on.</summary>
    public UInt128 DigestOf(int record) => _digests[record];

    /// <summary>The trader of an order: spread so that neighbours belong to different ones.</summary>
    public static uint AccountOf(ulong flowId) => 1 + (uint)(unchecked(flowId * 0x9E37_79B9_7F4A_7C15) >> 32) % Accounts;

    /// <summary>Type, length and body of a command.</summary>
    public ReadOnlySpan<byte> this[int record]
    {
        get
        {
            long start = _starts[record];
            var rest = _blocks[(int)(start >> BlockBits)].AsSpan((int)(start & (1 << BlockBits) - 1));
            return rest[..(Command.HeadSize + rest[1])];
        }
    }

    /// <summary>The trader of a record: by the flow's own id of its order, which a replaced one keeps.</summary>
    public static uint AccountOf(Flow flow, int record)
    {
        ulong id = flow.Records[record].Id;
        return AccountOf(flow.FlowIds is { } flowIds ? flowIds[id] : id);
    }

    private UInt128[] TakeDigests(Flow flow)
    {
        UInt128[] digests = new UInt128[_starts.Length];
        ulong[] nonces = new ulong[Accounts + 1];
        byte[] bytes = new byte[Envelope.MaximumSize];
        for (int i = 0; i < digests.Length; i++)
        {
            uint account = AccountOf(flow, i);
            int size = TradingVenue.EncodeEnvelope(account, ++nonces[account], this[i], bytes);
            if (!Envelope.TryRead(bytes.AsSpan(0, size), out var envelope, out _))
                throw new InvalidOperationException($"record {i} makes no envelope");
            digests[i] = EnvelopeSignature.DigestOf(envelope);
        }

        return digests;
    }

    private static int Write(in FlowRecord record, Span<byte> to) => record.Kind switch
    {
        FlowKind.New => TradingVenue.Encode(
            NewOrder.Limit(TradingVenue.Market, record.Side == 0 ? Side.Buy : Side.Sell, (ulong)record.Price, record.Quantity), to),
        FlowKind.Cancel => TradingVenue.Encode(new Cancel(TradingVenue.Market, record.Id), to),
        FlowKind.Reduce => TradingVenue.Encode(new Reduce(TradingVenue.Market, record.Id, record.Quantity), to),
        _ => TradingVenue.Encode(new Replace(TradingVenue.Market, record.Id, (ulong)record.Price, record.Quantity), to),
    };
}
