using Clob.Client;
using Clob.Protocol;

namespace Clob.Fuzz.Tests;

/// <summary>What comes to a subscriber: packets, messages, and streams of packets into books.</summary>
internal static class FeedTargets
{
    private static readonly byte[] Session = "ABCDEFG001"u8.ToArray();

    public static IEnumerable<FuzzTarget> All =>
    [
        new("MoldUDP64 packets", [Packet(1, [.. Messages]), Packet(1, []), Packet(9, [], MoldUdp64.EndOfSession)], ReadPacket),
        new("feed messages", [.. Messages, Unpublished(FeedVerb.ExecutedWithPrice), Unpublished(FeedVerb.Trade)], ReadMessage),
        new("a feed, into books", [Feed(isInOrder: true)], input => Follow(input, recovers: false)) { Alter = Frames.Alter, AllocationPerByte = 256 },
        new("a feed, into books, with what was lost asked for again", [Feed(isInOrder: false)], input => Follow(input, recovers: true)) { Alter = Frames.Alter, AllocationPerByte = 256 },
    ];

    /// <summary>One of each verb that the venue publishes.</summary>
    private static List<byte[]> Messages { get; } = [.. Events().Select(Encoded)];

    private static IEnumerable<ExchangeEvent> Events()
    {
        var order = new ExchangeEvent { Market = 1, Time = 5, OrderId = 1, Side = (byte)Side.Buy, Price = 100, Quantity = 10, Reference = 1 };
        return
        [
            new ExchangeEvent { Kind = EventKind.SystemEvent, Time = 1 },
            order with { Kind = EventKind.Directory, Symbol = Symbol.Parse("BTC/USD"), Asset = 2, SecondAsset = 1, Decimals = 0x0806 },
            order with { Kind = EventKind.TradingAction, Side = (byte)MarketState.Open },
            new ExchangeEvent { Kind = EventKind.PriceBand, Market = 1, Time = 4, ReferencePrice = 9, Band = 8, MaximumNotional = 7 },
            order with { Kind = EventKind.Rested },
            order with { Kind = EventKind.Rested, OrderId = 2, Side = (byte)Side.Sell, Price = 101 },
            order with { Kind = EventKind.Reduced, Quantity = 1 },
            order with { Kind = EventKind.Executed, Quantity = 2 },
            order with { Kind = EventKind.Replaced, OrderId = 3, Reference = 1, Flags = EventFlags.Displayed },
            order with { Kind = EventKind.Cancelled, OrderId = 3 },
        ];
    }

    private static byte[] Encoded(ExchangeEvent happened)
    {
        byte[] bytes = new byte[FeedMessage.MaximumSize];
        return bytes[..new NativeFeedEncoding().Encode(happened, bytes)];
    }

    private static byte[] Packet(ulong sequence, byte[][] messages, ushort? count = null)
    {
        var packet = new List<byte>(new byte[MoldUdp64.HeadSize]);
        foreach (byte[] message in messages)
        {
            packet.Add(0);
            packet.Add((byte)message.Length);
            packet.AddRange(message);
        }

        byte[] bytes = [.. packet];
        MoldUdp64.WriteHead(bytes, Session, sequence, count ?? (ushort)messages.Length);
        return bytes;
    }

    private static byte[] Feed(bool isInOrder) => Frames.Join(
    [
        .. Messages.Select((message, i) => Packet((ulong)i + 1, [message])),
        Packet(isInOrder ? 11ul : 20, [.. Enumerable.Repeat(Messages[4], isInOrder ? 9 : 1)]),
        Packet(isInOrder ? 20ul : 11, [.. Enumerable.Repeat(Messages[4], isInOrder ? 1 : 9)]),
        Packet(21, []), Packet(21, [], MoldUdp64.EndOfSession),
    ]);

    private static Decoded ReadPacket(ReadOnlySpan<byte> input)
    {
        if (!MoldUdp64.TryRead(input, out var packet))
            return Decoded.Refused("no packet");
        byte[] encoded = new byte[input.Length];
        MoldUdp64.WriteHead(encoded, packet.SessionBytes, packet.Sequence, packet.Count);
        int length = MoldUdp64.HeadSize;
        int messages = 0;
        while (packet.TryNext(out var message))
        {
            var writer = new BigEndianWriter(encoded.AsSpan(length));
            writer.U16((ushort)message.Length);
            writer.Bytes(message);
            length += writer.Written;
            messages++;
        }

        Assert.That(messages, Is.EqualTo(packet.IsEndOfSession ? 0 : packet.Count), "messages beside their count");
        return Decoded.Accepted($"{packet.Session} {messages}", encoded[..length]);
    }

    private static byte[] Unpublished(FeedVerb verb) => Encoded(new FeedMessage
    {
        Verb = verb,
        Market = 1,
        Time = 2,
        OrderId = 3,
        Side = Side.Sell,
        Quantity = 4,
        Price = 5,
        MatchNumber = 6,
        Code = 'Y',
    });

    private static Decoded ReadMessage(ReadOnlySpan<byte> input) =>
        FeedMessage.TryRead(input, out var message) ? Decoded.Accepted(message, Encoded(message)) : Decoded.Refused("no message");

    /// <summary>By the venue's own encoder, but for the two verbs that it does not publish yet.</summary>
    private static byte[] Encoded(FeedMessage message)
    {
        if (message.Verb is FeedVerb.ExecutedWithPrice or FeedVerb.Trade)
            return EncodedUnpublished(message);
        var order = new ExchangeEvent
        {
            Market = message.Market,
            Time = message.Time,
            OrderId = message.OrderId,
            Side = (byte)message.Side,
            Price = message.Price,
            Quantity = message.Quantity,
            Reference = message.MatchNumber,
        };
        return message.Verb switch
        {
            FeedVerb.SystemEvent => Encoded(order with { Kind = EventKind.SystemEvent }),
            FeedVerb.Directory => Encoded(EventOf(message.Directory) with { Market = message.Market, Time = message.Time }),
            FeedVerb.TradingAction => Encoded(order with { Kind = EventKind.TradingAction, Side = (byte)("TCHZ".IndexOf(message.Code) + 1) }),
            FeedVerb.PriceBand => EncodedBand(message),
            FeedVerb.Add => Encoded(order with { Kind = EventKind.Rested }),
            FeedVerb.Executed => Encoded(order with { Kind = EventKind.Executed }),
            FeedVerb.Cancel => Encoded(order with { Kind = EventKind.Reduced }),
            FeedVerb.Delete => Encoded(order with { Kind = EventKind.Cancelled }),
            FeedVerb.Replace => Encoded(order with { Kind = EventKind.Replaced, Reference = message.FormerOrderId, Flags = EventFlags.Displayed }),
            _ => throw new InvalidOperationException($"{message.Verb} was read and has no encoding here"),
        };
    }

    private static ExchangeEvent EventOf(MarketDirectoryEntry entry) => new()
    {
        Kind = EventKind.Directory,
        Symbol = entry.Symbol,
        Asset = entry.BaseAsset,
        SecondAsset = entry.QuoteAsset,
        Decimals = (ushort)(entry.BaseDecimals << 8 | entry.QuoteDecimals),
        BaseUnitsPerLot = entry.BaseUnitsPerLot,
        QuoteUnitsPerLotAndTick = entry.QuoteUnitsPerLotAndTick,
        MinimumQuantity = entry.MinimumQuantity,
        MaximumQuantity = entry.MaximumQuantity,
        PriceCap = entry.PriceCap,
        MakerFee = entry.MakerFee,
        TakerFee = entry.TakerFee,
    };

    /// <summary>An event holds no notional above 2^127, a message may.</summary>
    private static byte[] EncodedBand(FeedMessage message)
    {
        byte[] bytes = Encoded(new ExchangeEvent { Kind = EventKind.PriceBand, Market = message.Market, Time = message.Time, ReferencePrice = message.Price, Band = message.Band });
        new BigEndianWriter(bytes.AsSpan(bytes.Length - 16)).U128(message.MaximumNotional);
        return bytes;
    }

    private static byte[] EncodedUnpublished(FeedMessage message)
    {
        byte[] bytes = new byte[44];
        var writer = new BigEndianWriter(bytes);
        writer.U8((byte)message.Verb);
        writer.U16(message.Market);
        writer.U64(message.Time);
        writer.U64(message.OrderId);
        if (message.Verb == FeedVerb.Trade)
            writer.U8(message.Side == Side.Buy ? (byte)'B' : (byte)'S');
        writer.U64(message.Quantity);
        writer.U64(message.Verb == FeedVerb.Trade ? message.Price : message.MatchNumber);
        if (message.Verb == FeedVerb.ExecutedWithPrice)
            writer.U8((byte)message.Code);
        writer.U64(message.Verb == FeedVerb.Trade ? message.MatchNumber : message.Price);
        return bytes;
    }

    /// <summary>A fresh subscriber hears all packets. It is accepted if no message was lost, foreign or malformed.</summary>
    private static Decoded Follow(ReadOnlySpan<byte> input, bool recovers)
    {
        var books = new FeedBooks();
        var feed = new FeedSequencer(books, recovers ? new Promises() : null, recovers ? null : "ABCDEFG001");
        foreach (byte[] packet in Frames.Split(input))
            feed.OnPacket(packet);
        bool isWhole = feed is { LostMessages: 0, MalformedMessages: 0, MalformedPackets: 0, ForeignPackets: 0 };
        string outcome = $"{feed.NextSequence} {feed.LostMessages} {feed.DuplicateMessages} {books.Markets.Sum(book => book.OrderCount)} {feed.IsEnded}";
        return isWhole ? Decoded.Accepted(outcome) : Decoded.Refused(outcome);
    }

    /// <summary>Promises everything; what was missing comes or does not.</summary>
    private sealed class Promises : IGapRecovery
    {
        public bool TryRequest(string session, ulong first, ulong count) => count < 1_000;
    }
}
