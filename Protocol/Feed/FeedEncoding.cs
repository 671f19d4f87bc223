namespace Clob.Protocol;

/// <summary>
/// Turns events into market data messages. The native encoding is the default; an exact ITCH 5.0 encoding takes its place for markets
/// that fit it.
/// </summary>
public interface IFeedEncoding
{
    /// <summary>Largest message of this encoding, bytes.</summary>
    int MaximumMessageSize { get; }

    /// <summary>Writes the message of an event whose feed sequence is set and returns its size.</summary>
    int Encode(in ExchangeEvent happened, Span<byte> destination);
}

/// <summary>The encoding of <see cref="FeedMessage"/>.</summary>
public sealed class NativeFeedEncoding : IFeedEncoding
{
    /// <summary>Event code of a system event: start of messages, the first message of a venue's life.</summary>
    public const char StartOfMessages = 'O';

    /// <inheritdoc/>
    public int MaximumMessageSize => FeedMessage.MaximumSize;

    /// <inheritdoc/>
    public int Encode(in ExchangeEvent happened, Span<byte> destination)
    {
        var writer = new BigEndianWriter(destination);
        switch (happened.Kind)
        {
            case EventKind.Rested:
                Head(ref writer, FeedVerb.Add, happened);
                writer.U64(happened.OrderId);
                writer.U8(happened.Side == (byte)Side.Buy ? (byte)'B' : (byte)'S');
                writer.U64(happened.Quantity);
                writer.U64(happened.Price);
                break;
            case EventKind.Executed:
                Head(ref writer, FeedVerb.Executed, happened);
                writer.U64(happened.OrderId);
                writer.U64(happened.Quantity);
                writer.U64(happened.Reference);
                break;
            case EventKind.Reduced:
                Head(ref writer, FeedVerb.Cancel, happened);
                writer.U64(happened.OrderId);
                writer.U64(happened.Quantity);
                break;
            case EventKind.Cancelled:
                Head(ref writer, FeedVerb.Delete, happened);
                writer.U64(happened.OrderId);
                break;
            case EventKind.Replaced:
                EncodeReplaced(ref writer, happened);
                break;
            case EventKind.Directory:
                EncodeDirectory(ref writer, happened);
                break;
            case EventKind.TradingAction:
                Head(ref writer, FeedVerb.TradingAction, happened);
                writer.U8((byte)FeedMessage.StateCode((MarketState)happened.Side));
                break;
            case EventKind.PriceBand:
                Head(ref writer, FeedVerb.PriceBand, happened);
                writer.U64(happened.ReferencePrice);
                writer.U32(happened.Band);
                writer.U128(happened.MaximumNotional);
                break;
            case EventKind.SystemEvent:
                Head(ref writer, FeedVerb.SystemEvent, happened);
                writer.U8((byte)StartOfMessages);
                break;
            default:
                throw new InvalidOperationException($"an event of kind {happened.Kind} has no market data message, yet it has feed sequence {happened.FeedSequence}");
        }

        return writer.Written;
    }

    private static void Head(ref BigEndianWriter writer, FeedVerb verb, in ExchangeEvent happened)
    {
        writer.U8((byte)verb);
        writer.U16(happened.Market);
        writer.U64(happened.Time);
    }

    /// <summary>A replaced order that rests in full is one message; one that trades first is deleted here and what is left is added after its fills.</summary>
    private static void EncodeReplaced(ref BigEndianWriter writer, in ExchangeEvent happened)
    {
        if ((happened.Flags & EventFlags.Displayed) == 0)
        {
            Head(ref writer, FeedVerb.Delete, happened);
            writer.U64(happened.Reference);
            return;
        }

        Head(ref writer, FeedVerb.Replace, happened);
        writer.U64(happened.Reference);
        writer.U64(happened.OrderId);
        writer.U64(happened.Quantity);
        writer.U64(happened.Price);
    }

    private static void EncodeDirectory(ref BigEndianWriter writer, in ExchangeEvent happened)
    {
        Head(ref writer, FeedVerb.Directory, happened);
        happened.Symbol.Write(writer.Reserve(Symbol.Size));
        writer.U32(happened.Asset);
        writer.U32(happened.SecondAsset);
        writer.U16(happened.Decimals);
        writer.U64(happened.BaseUnitsPerLot);
        writer.U64(happened.QuoteUnitsPerLotAndTick);
        writer.U64(happened.MinimumQuantity);
        writer.U64(happened.MaximumQuantity);
        writer.U64(happened.PriceCap);
        writer.I32(happened.MakerFee);
        writer.I32(happened.TakerFee);
    }
}
