using System.Runtime.CompilerServices;

namespace Clob.Throughput;

/// <summary>Trades, volume and the digest over all fills in their order, folded as the generator of the flow folds them.</summary>
internal struct FillDigest()
{
    private const ulong MakerFactor = 0x9E37_79B9_7F4A_7C15;
    private const ulong TakerFactor = 0xC2B2_AE3D_27D4_EB4F;
    private const ulong PriceFactor = 0x1656_67B1_9E37_79F9;
    private const ulong FoldFactor = 0x1_0000_0001_B3;

    public ulong Trades;
    public ulong Volume;
    public ulong Digest = 1_469_598_103_934_665_603;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong maker, ulong taker, ulong price, ulong quantity)
    {
        unchecked
        {
            Trades++;
            Volume += quantity;
            Digest = (Digest ^ (maker * MakerFactor + taker * TakerFactor + price * PriceFactor + quantity)) * FoldFactor;
        }
    }

    public override readonly string ToString() => $"trades={Trades} vol={Volume} digest={Digest:x16}";
}
