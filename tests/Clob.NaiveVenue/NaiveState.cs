using System.Numerics;
using Clob.Protocol;

namespace Clob.NaiveVenue;

/// <summary>An account of the naive venue: what it owns, never split into available and reserved.</summary>
internal sealed class NaiveAccount
{
    public required byte[] Key { get; set; }
    public uint KeyVersion { get; set; } = 1;
    public ulong NextNonce { get; set; } = 1;
    public ulong NextReport { get; set; } = 1;
    public bool CancelsOnDisconnect { get; set; }
    public bool KillSwitch { get; set; }
    public bool Blocked { get; set; }
    public BigInteger MostOrders { get; set; } = uint.MaxValue;
    public BigInteger MostNotional { get; set; } = UInt128.MaxValue;
    public SelfTradePrevention Prevention { get; set; } = SelfTradePrevention.Allow;
    public SortedDictionary<ushort, (int? Maker, int? Taker)> Fees { get; } = [];
    public SortedDictionary<uint, BigInteger> Owned { get; } = [];
    public List<NaiveEnvelope> Envelopes { get; } = []; // all of them, for ever

    public void Add(uint asset, BigInteger amount) => Owned[asset] = Owned.GetValueOrDefault(asset) + amount;
}

internal sealed record NaiveEnvelope(ulong First, ushort Count, UInt128 Digest, ulong Record, ulong FirstReport);

internal sealed record NaiveAsset(uint Id, byte Decimals, Symbol Symbol)
{
    public BigInteger Total { get; set; }
}

internal sealed record NaiveMarket(DefineMarket Definition)
{
    public BigInteger Minimum { get; set; } = 1;
    public BigInteger Maximum { get; set; } = (BigInteger.One << 63) - 1;
    public BigInteger Cap { get; set; } = (BigInteger.One << 62) - 1;
    public int Maker { get; set; }
    public int Taker { get; set; }
    public BigInteger Band { get; set; }
    public BigInteger Reference { get; set; }
    public BigInteger LastTrade { get; set; }

    /// <summary>Prices of the trades since the first stop that is triggered and waits to run.</summary>
    public List<BigInteger> Recent { get; init; } = [];
    public BigInteger MostNotional { get; set; } = (BigInteger.One << 127) - 1;
    public MarketState State { get; set; } = MarketState.Open;

    public bool HasBounds => Band != 0 || MostNotional != (BigInteger.One << 127) - 1;

    public NaiveMarket With(MarketTerms terms) => new(Definition)
    {
        Minimum = terms.MinimumQuantity ?? Minimum,
        Maximum = terms.MaximumQuantity ?? Maximum,
        Cap = terms.PriceCap ?? Cap,
        Maker = terms.MakerFee ?? Maker,
        Taker = terms.TakerFee ?? Taker,
        Band = terms.PriceBand ?? Band,
        Reference = terms.ReferencePrice ?? Reference,
        MostNotional = terms.MaximumNotional ?? MostNotional,
        State = State,
        LastTrade = LastTrade,
        Recent = Recent,
    };

    public bool IsValid() =>
        Minimum >= 1 && Minimum <= Maximum && Maximum < BigInteger.One << 63 && Cap >= 1 && Cap < BigInteger.One << 62
        && Math.Abs(Maker) <= 1_000_000 && Math.Abs(Taker) <= 1_000_000 && Maker + Taker >= 0
        && Reference < BigInteger.One << 62 && MostNotional >= 1 && MostNotional < BigInteger.One << 127;

    public bool IsOutsideBand(NaiveOrder order)
    {
        BigInteger width = Reference * Band / 1_000_000;
        return Band != 0 && Reference != 0 && (order.IsBuy ? order.Price > Reference + width : order.Price < Reference - width);
    }
}

internal sealed record NaiveOrder
{
    public required ulong Id { get; set; }
    public required ulong Account { get; init; }
    public required NewOrder Order { get; init; }
    public required ulong Nonce { get; set; }
    public required BigInteger Price { get; set; }
    public required BigInteger Open { get; set; }

    /// <summary>What it waits for; null for an order that does not wait or not any more.</summary>
    public BigInteger? Stop { get; set; }
    public bool IsTriggered { get; set; }
    public int Maker { get; set; }
    public int Taker { get; set; }
    public required SelfTradePrevention Prevention { get; init; }

    /// <summary>Of two orders at one price the lower one is first.</summary>
    public long Priority { get; set; }

    /// <summary>What it shows at a time, null for all.</summary>
    public BigInteger? Display { get; set; }

    public BigInteger Hidden { get; set; }

    public BigInteger Shown => Open - Hidden;

    /// <summary>Sum of rate × notional of the fills at positive rates, and what was paid for it.</summary>
    public BigInteger Charged { get; set; }
    public BigInteger Paid { get; set; }

    /// <summary>Sum of -rate × notional of the fills at negative rates, and what was given for it.</summary>
    public BigInteger Earned { get; set; }
    public BigInteger Given { get; set; }

    public bool IsBuy => Order.Side == Side.Buy;

    public BigInteger Notional(NaiveMarket market, BigInteger price, BigInteger quantity) =>
        price * quantity * market.Definition.QuoteUnitsPerLotAndTick;

    /// <summary>What the order may still cost, by the definition in the decision on fees and holds.</summary>
    public BigInteger Hold(NaiveMarket market)
    {
        if (!IsBuy)
            return Open * market.Definition.BaseUnitsPerLot;
        BigInteger notional = Notional(market, Price, Open);
        int rate = Math.Max(0, Math.Max(Maker, Taker));
        return notional + Ceiling(Charged + rate * notional) - Ceiling(Charged);
    }

    public static BigInteger Ceiling(BigInteger millionths) => (millionths + 999_999) / 1_000_000;
}
