using System.Runtime.CompilerServices;

namespace Clob.Engine;

/// <summary>
/// The fees of one order. The rates are the market's when the order was accepted; changing the market changes no order that rests, so a
/// hold is never too small.
/// </summary>
/// <remarks>
/// What an order is charged: with A the sum of rate × notional over its fills, each at the rate of its role, it has paid ceil(A / 10^6)
/// after every fill; the fee of a fill is what that rises by. Fills as taker and as maker go into the same A. Kept is not A (it passes 128
/// bits) but how far the payment is ahead of it, in millionths of a unit, always below one unit.
/// <para>
/// Why the hold always covers it: for a remaining notional N at the limit and the higher rate r, the hold's fee part is
/// c(A + r N) - c(A) with c(x) = ceil(x / 10^6). A fill of n at a rate q ≤ r costs c(A + q n) - c(A) and leaves N' ≤ N - n with a fee part
/// c(A + q n + r N') - c(A + q n). Together c(A + q n + r N') - c(A) ≤ c(A + r N) - c(A). Since r ≤ 10^6, no fee exceeds its notional:
/// a seller can always pay out of what he receives.
/// </para>
/// <para>
/// What an order gets with a negative rate: floor(rate × cumulative notional / 10^6) - what it got before, but in one fill never more than
/// the other side pays in that fill; what is cut off stays owed to later fills of the order. So no fill takes anything from account 0,
/// whatever was withdrawn from it before and whatever terms the two orders were accepted under.
/// </para>
/// </remarks>
internal struct OrderFees
{
    /// <summary>Rates are in parts per million.</summary>
    public const uint Million = 1_000_000;

    /// <summary>Up to here a rate times a notional, in millionths, and a unit more fit into 64 bits, since no rate is above one.</summary>
    private const ulong SmallNotional = ulong.MaxValue / Million - 1;

    /// <summary>Maker rate, negative for a rebate.</summary>
    public int MakerRate;

    /// <summary>Taker rate, negative for a rebate.</summary>
    public int TakerRate;

    /// <summary>Millionths of a unit that were paid ahead by rounding up.</summary>
    public uint PaidAhead;

    /// <summary>Millionths of a unit of rebate that do not make a unit yet.</summary>
    public uint RebateFraction;

    /// <summary>The fee of a fill at a positive or zero rate.</summary>
    public UInt128 Charge(int rate, UInt128 notional) => rate <= 0 ? UInt128.Zero : FeeOf((uint)rate, notional, PaidAhead, out PaidAhead);

    /// <summary>The whole units that a fill at a negative rate earns; what is below a unit is kept for the next.</summary>
    public UInt128 Earn(int rate, UInt128 notional)
    {
        UInt128 units = Multiply((uint)-rate, notional, out ulong millionths);
        ulong fraction = millionths + RebateFraction;
        RebateFraction = (uint)(fraction % Million);
        return units + fraction / Million;
    }

    /// <summary>The most that fills of this notional can still cost: the fee part of a buyer's hold.</summary>
    public readonly UInt128 MostFor(UInt128 notional)
    {
        int rate = Math.Max(MakerRate, TakerRate);
        return rate <= 0 ? UInt128.Zero : FeeOf((uint)rate, notional, PaidAhead, out _);
    }

    /// <summary>What is to be paid for a notional beyond what was paid ahead, and what that pays ahead itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 FeeOf(uint rate, UInt128 notional, uint paidAhead, out uint nowAhead)
    {
        if (notional > SmallNotional)
            return LargeFeeOf(rate, notional, paidAhead, out nowAhead);
        unchecked // below 2^64 throughout, see SmallNotional
        {
            ulong fee = (rate * (ulong)notional + (Million - 1) - paidAhead) / Million; // what was paid ahead is less than a unit
            nowAhead = (uint)(fee * Million + paidAhead - rate * (ulong)notional);
            return fee;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static UInt128 LargeFeeOf(uint rate, UInt128 notional, uint paidAhead, out uint nowAhead)
    {
        UInt128 units = Multiply(rate, notional, out ulong millionths);
        if (millionths <= paidAhead)
        {
            nowAhead = paidAhead - (uint)millionths;
            return units;
        }

        ulong missing = millionths - paidAhead;
        ulong rounded = (missing + Million - 1) / Million;
        nowAhead = (uint)(rounded * Million - missing);
        return units + rounded;
    }

    /// <summary>rate × notional as whole units and millionths below 10^12: exact, and the units never exceed the notional.</summary>
    private static UInt128 Multiply(uint rate, UInt128 notional, out ulong millionths)
    {
        if (notional <= uint.MaxValue * (ulong)Million) // rate × notional / 10^6 in 64 bits
        {
            ulong small = (ulong)notional;
            ulong quotient = small / Million;
            millionths = (small - quotient * Million) * rate;
            return quotient * rate;
        }

        (UInt128 units, UInt128 rest) = UInt128.DivRem(notional, Million);
        millionths = (ulong)rest * rate;
        return units * rate;
    }
}
