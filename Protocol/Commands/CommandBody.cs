using System.Numerics;

namespace Clob.Protocol;

/// <summary>The rule that all command bodies share: presence bits decide the length, and undefined bits are refused.</summary>
internal static class CommandBody
{
    /// <param name="body">The body, presence bits first.</param>
    /// <param name="coreSize">Bytes of presence bits and fixed core; at most 48 by the wire format.</param>
    /// <param name="optionalSizes">Bytes of the optional field behind each presence bit, from bit 0.</param>
    public static EnvelopeFault CheckSize(ReadOnlySpan<byte> body, int coreSize, ReadOnlySpan<byte> optionalSizes)
    {
        if (body.Length < coreSize)
            return EnvelopeFault.CommandFields;
        uint presence = new BigEndianReader(body).U16();
        if (presence >> optionalSizes.Length != 0)
            return EnvelopeFault.CommandFields;
        int size = coreSize;
        for (; presence != 0; presence &= presence - 1)
            size += optionalSizes[BitOperations.TrailingZeroCount(presence)];
        return body.Length == size ? EnvelopeFault.None : EnvelopeFault.CommandFields;
    }

    /// <summary>Whether a mode that stands in a body is one of those there are.</summary>
    public static bool IsDefined(SelfTradePrevention mode) => mode is >= SelfTradePrevention.Allow and <= SelfTradePrevention.CancelBoth;
}
