using System.Buffers.Text;

namespace Clob.Protocol;

/// <summary>
/// The debug packet by which the venue says that it does not take an envelope now: <c>refused N: </c> and why, where N is the envelope's first nonce in
/// decimal digits. The session goes on; by this sending of it nothing was journaled and no nonce used. One sent before may have been taken then.
/// </summary>
public static class EnvelopeRefusal
{
    /// <summary>Most bytes of the payload.</summary>
    public const int MaximumSize = 128;

    private const int MaximumDigits = 20;

    private static ReadOnlySpan<byte> Start => "refused "u8;

    private static ReadOnlySpan<byte> Reason => ": the venue takes cancels only for now, its disk is nearly full"u8;

    /// <summary>Writes the payload for the envelope of a first nonce and returns its size.</summary>
    public static int Write(Span<byte> payload, ulong firstNonce)
    {
        Start.CopyTo(payload);
        if (!Utf8Formatter.TryFormat(firstNonce, payload[Start.Length..], out int digits))
            throw new ArgumentException($"a refusal takes up to {MaximumSize} bytes", nameof(payload));
        int size = Start.Length + digits;
        Reason.CopyTo(payload[size..]);
        return size + Reason.Length;
    }

    /// <summary>Whether the payload of a debug packet is a refusal, whatever its reason, and of which envelope.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out ulong firstNonce)
    {
        firstNonce = 0;
        if (!payload.StartsWith(Start))
            return false;
        var rest = payload[Start.Length..];
        return Utf8Parser.TryParse(rest, out firstNonce, out int digits) && digits <= MaximumDigits && rest[digits..].StartsWith(": "u8);
    }
}
