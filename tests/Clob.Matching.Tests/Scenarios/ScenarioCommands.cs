using System.Globalization;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>
/// The commands of a scenario:
/// <code>
///   [t=TIME] WHO [nonce=N] [expiry=T] [bad] COMMAND [&amp; COMMAND …]      one envelope
///   again N                                                             the envelope N envelopes back once more (1: the last)
///   t=TIME time | mark | disconnect WHO | verdict N                     other records; N: records left uncovered
///   WHO has                                                             balances: asset: available+reserved
///   WHO orders | book MARKET                                            open orders, levels
/// COMMAND
///   buy|sell Q@P [ioc|fok|gtd=T|deadline=T|post|market] [m=MARKET] [client=N] [stp=allow|newest|oldest|both] [show=Q] [stop=P]
///   cancel #ID [m=] | reduce #ID Q [m=] | replace #ID Q@P [m=] [show=Q] [stop=P] | cancelall [m=] [buy|sell]
///   withdraw AMOUNT of ASSET | rotate KEYNUMBER | rotate zero | settings on|off|- [kill=on|off] [stp=]
///   register [KEYNUMBER|zero] | deposit WHO AMOUNT of ASSET [id=N] | settle ID paid|returned
///   asset ID DECIMALS SYMBOL | market ID BASE/QUOTE [maker= taker= min= max= cap= band= ref= notional= lot= tick=] | change ID [maker= …] | state ID STATE
///   fees WHO MARKET [maker= taker=] | limits WHO [trading=on|off] [orders=N] [notional=N]
/// </code>
/// </summary>
internal sealed class ScenarioCommands(TestVenue venue)
{
    public string Run(string line)
    {
        var words = new Queue<string>(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        ulong? time = Option(words, "t=") is { } t ? Number(t) : null;
        string first = words.Dequeue();
        switch (first)
        {
            case "time":
                return EventText.Of(venue.ApplyNext(RecordKind.Time, [], default, time));
            case "mark":
                return EventText.Of(venue.ApplyNext(RecordKind.Mark, [], default, time));
            case "disconnect":
                byte[] payload = new byte[Disconnect.Size];
                new Disconnect(Who(words.Dequeue())).Write(payload);
                return EventText.Of(venue.ApplyNext(RecordKind.Disconnect, payload, default, time));
            case "verdict":
                return Verdict(Number(words.Dequeue()));
            case "again":
                var envelopes = venue.Journal.Where(record => record[0] == (byte)RecordKind.Envelope);
                return EventText.Of(venue.Submit(envelopes.Reverse().ElementAt((int)Number(words.Dequeue()) - 1)[RecordHeader.Size..], true, time));
            case "book":
                return Book((ushort)Number(words.Dequeue()));
        }

        ulong account = Who(first);
        if (words.Peek() == "has")
            return Balances(account);
        if (words.Peek() == "orders")
            return string.Join(", ", venue.Exchange.ReadOpenOrders(account).Select(o => $"#{o.OrderId} {o.OpenQuantity}@{o.Price} hold {o.Hold}"));
        return Submit(account, words, time);
    }

    public static ulong Who(string name) => name switch
    {
        "op" => 0,
        [>= 'A' and <= 'Z'] => (ulong)(name[0] - 'A' + 1),
        _ => Number(name),
    };

    public static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);

    private string Submit(ulong account, Queue<string> words, ulong? time)
    {
        ulong nonce = Option(words, "nonce=") is { } n ? Number(n) : venue.Exchange.ReadAccount(account)?.NextNonce ?? 1;
        ulong expiry = Option(words, "expiry=") is { } x ? Number(x) : 0;
        bool isBad = Flag(words, "bad");
        var commands = string.Join(' ', words).Split('&').Select(text => Parse(text.Trim())).ToArray();
        return EventText.Of(venue.Submit(venue.Unsigned(account, nonce, expiry, commands), !isBad, time));
    }

    private string Verdict(ulong uncovered)
    {
        ulong through = venue.Exchange.NextSequence - 1 - Math.Min(uncovered, venue.Exchange.NextSequence - 1);
        ulong[] invalid = [.. venue.Exchange.UnsettledInvalid.Where(sequence => sequence <= through)];
        byte[] payload = new byte[Protocol.Verdict.SizeOf(invalid.Length)];
        Protocol.Verdict.Write(payload, venue.Exchange.NextUnsettled, through, invalid);
        return EventText.Of(venue.ApplyNext(RecordKind.Verdict, payload));
    }

    private static TestVenue.Added Parse(string text)
    {
        var words = new Queue<string>(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        string verb = words.Dequeue();
        return verb switch
        {
            "buy" or "sell" => TestVenue.Of(Order(verb == "buy" ? Side.Buy : Side.Sell, words)),
            "cancel" => TestVenue.Of(new Cancel(Market(words, out string id), OrderId(id))),
            "reduce" => TestVenue.Of(new Reduce(Market(words, out string id), OrderId(id), Number(words.Dequeue()))),
            "replace" => TestVenue.Of(ReplaceOf(words)),
            "cancelall" => TestVenue.Of(new CancelAll(
                (ushort)Number(Option(words, "m=") ?? "0"), Flag(words, "buy") ? Side.Buy : Flag(words, "sell") ? Side.Sell : 0)),
            "withdraw" => TestVenue.Of(WithdrawOf(words)),
            "rotate" => TestVenue.Of(new RotateKey(KeyOf(words))),
            "settings" => TestVenue.Of(SettingsOf(words)),
            "register" => TestVenue.Of(new RegisterAccount(KeyOf(words))),
            "deposit" => TestVenue.Of(DepositOf(words)),
            "settle" => TestVenue.Of(new SettleWithdrawal(
                Number(words.Dequeue()), words.Dequeue() == "paid" ? WithdrawalOutcome.Paid : WithdrawalOutcome.Returned)),
            "asset" => TestVenue.Of(new DefineAsset((uint)Number(words.Dequeue()), (byte)Number(words.Dequeue()), SymbolOf(words.Dequeue()))),
            "market" => TestVenue.Of(MarketOf(words)),
            "change" => TestVenue.Of(new ChangeMarket((ushort)Number(words.Dequeue()), TermsOf(words))),
            "fees" => TestVenue.Of(FeesOf(words)),
            "limits" => TestVenue.Of(LimitsOf(words)),
            "state" => TestVenue.Of(new SetMarketState((ushort)Number(words.Dequeue()), Enum.Parse<MarketState>(words.Dequeue()))),
            _ => throw new FormatException($"no command '{verb}' in '{text}'"),
        };
    }

    private static NewOrder Order(Side side, Queue<string> words)
    {
        (ulong quantity, ulong price) = Lots(words.Dequeue());
        ulong gtd = Number(Option(words, "gtd=") ?? "0");
        ulong deadline = Number(Option(words, "deadline=") ?? "0");
        bool isMarket = Flag(words, "market");
        var timeInForce = Flag(words, "fok") ? TimeInForce.FillOrKill
            : Flag(words, "ioc") ? TimeInForce.ImmediateOrCancel
            : gtd != 0 || Flag(words, "gtd") ? TimeInForce.GoodTillDate
            : Flag(words, "gtc") || !isMarket ? TimeInForce.GoodTillCancel : TimeInForce.ImmediateOrCancel;
        return new NewOrder
        {
            Market = (ushort)Number(Option(words, "m=") ?? "1"),
            Side = side,
            OrderType = isMarket ? OrderType.Market : OrderType.Limit,
            TimeInForce = timeInForce,
            Flags = Flag(words, "post") ? OrderFlags.PostOnly : OrderFlags.None,
            Price = price,
            Quantity = quantity,
            Deadline = gtd + deadline,
            ClientOrderId = Number(Option(words, "client=") ?? "0"),
            DisplayQuantity = Shown(words),
            StopPrice = StopPrice(words),
            SelfTradePrevention = Option(words, "stp=") is { } mode ? Prevention(mode) : 0,
        };
    }

    private static SelfTradePrevention Prevention(string mode) => mode switch
    {
        "allow" => SelfTradePrevention.Allow,
        "newest" => SelfTradePrevention.CancelNewest,
        "oldest" => SelfTradePrevention.CancelOldest,
        "both" => SelfTradePrevention.CancelBoth,
        _ => throw new FormatException($"no mode '{mode}'"),
    };

    private static AccountSettings SettingsOf(Queue<string> words)
    {
        SelfTradePrevention? prevention = Option(words, "stp=") is { } mode ? Prevention(mode) : null;
        bool? kill = Switch(words, "kill=");
        return new AccountSettings(SwitchOf(words.Dequeue()), prevention, kill);
    }

    private static Replace ReplaceOf(Queue<string> words)
    {
        ushort market = Market(words, out string id);
        (ulong quantity, ulong price) = Lots(words.Dequeue());
        return new Replace(market, OrderId(id), price, quantity, Shown(words), StopPrice(words));
    }

    private static ulong? StopPrice(Queue<string> words) => Option(words, "stop=") is { } stop ? Number(stop) : null;

    private static ulong? Shown(Queue<string> words) => Option(words, "show=") is { } shown ? Number(shown) : null;

    private static Withdraw WithdrawOf(Queue<string> words)
    {
        var amount = Amount(words.Dequeue());
        words.Dequeue();
        return new Withdraw((uint)Number(words.Dequeue()), amount);
    }

    private static Deposit DepositOf(Queue<string> words)
    {
        UInt128? id = Option(words, "id=") is { } text ? Amount(text) : null;
        ulong account = Who(words.Dequeue());
        var amount = Amount(words.Dequeue());
        words.Dequeue();
        return new Deposit(account, (uint)Number(words.Dequeue()), amount, id);
    }

    private static SetAccountLimits LimitsOf(Queue<string> words)
    {
        uint? orders = Option(words, "orders=") is { } most ? (uint)Number(most) : null;
        UInt128? notional = Option(words, "notional=") is { } largest ? Amount(largest) : null;
        bool? trading = Switch(words, "trading=");
        return new SetAccountLimits(Who(words.Dequeue()), trading, orders, notional);
    }

    private static SetAccountFees FeesOf(Queue<string> words)
    {
        var terms = TermsOf(words);
        return new SetAccountFees(Who(words.Dequeue()), (ushort)Number(words.Dequeue()), terms.MakerFee, terms.TakerFee);
    }

    private static bool? Switch(Queue<string> words, string name) => SwitchOf(Option(words, name));

    private static bool? SwitchOf(string? word) => word switch { "on" => true, "off" => false, _ => null };

    private static DefineMarket MarketOf(Queue<string> words)
    {
        ulong lot = Number(Option(words, "lot=") ?? "1");
        ulong tick = Number(Option(words, "tick=") ?? "1");
        ushort id = (ushort)Number(words.Dequeue());
        string[] pair = words.Dequeue().Split('/');
        return new DefineMarket(id, (uint)Number(pair[0]), (uint)Number(pair[1]), lot, tick, SymbolOf($"M{id}"), TermsOf(words));
    }

    private static MarketTerms TermsOf(Queue<string> words) => new()
    {
        MinimumQuantity = Option(words, "min=") is { } minimum ? Number(minimum) : null,
        MaximumQuantity = Option(words, "max=") is { } maximum ? Number(maximum) : null,
        PriceCap = Option(words, "cap=") is { } cap ? Number(cap) : null,
        PriceBand = Option(words, "band=") is { } band ? (uint)Number(band) : null,
        ReferencePrice = Option(words, "ref=") is { } reference ? Number(reference) : null,
        MaximumNotional = Option(words, "notional=") is { } notional ? Amount(notional) : null,
        MakerFee = Option(words, "maker=") is { } maker ? int.Parse(maker, CultureInfo.InvariantCulture) : null,
        TakerFee = Option(words, "taker=") is { } taker ? int.Parse(taker, CultureInfo.InvariantCulture) : null,
    };

    private static PublicKey KeyOf(Queue<string> words)
    {
        string word = words.Count == 0 ? "1" : words.Dequeue();
        return word == "zero" ? new PublicKey(new byte[32]) : new PublicKey(TestVenue.KeyOf((int)Number(word)).PublicKey);
    }

    private static ushort Market(Queue<string> words, out string id)
    {
        ushort market = (ushort)Number(Option(words, "m=") ?? "1");
        id = words.Dequeue();
        return market;
    }

    private static Symbol SymbolOf(string text) => Symbol.TryParse(text, out var symbol) ? symbol : throw new FormatException(text);

    private static ulong OrderId(string text) => Number(text.TrimStart('#'));

    private static UInt128 Amount(string text) => UInt128.Parse(text, CultureInfo.InvariantCulture);

    private static (ulong Quantity, ulong Price) Lots(string text) =>
        text.Split('@') is [var quantity, var price] ? (Number(quantity), Number(price)) : throw new FormatException(text);

    private string Balances(ulong account) => string.Join(
        ", ", venue.Exchange.ReadAccount(account)!.Balances.Select(b => $"{b.Asset}: {b.Available}+{b.Reserved}"));

    private string Book(ushort market)
    {
        var bids = new Engine.PriceLevelView[16];
        var asks = new Engine.PriceLevelView[16];
        int bidCount = venue.Exchange.ReadDepth(market, Side.Buy, bids);
        int askCount = venue.Exchange.ReadDepth(market, Side.Sell, asks);
        return $"{Text(bids.AsSpan(0, bidCount))} / {Text(asks.AsSpan(0, askCount))}";
    }

    private static string Text(Span<Engine.PriceLevelView> levels)
    {
        var texts = new List<string>();
        foreach (var level in levels)
            texts.Add($"{level.Quantity}@{level.Price}");
        return string.Join(", ", texts);
    }

    private static bool Flag(Queue<string> words, string name) => Option(words, name) is not null;

    /// <summary>Takes the word that begins with <paramref name="name"/> out of the line and returns what follows the name.</summary>
    private static string? Option(Queue<string> words, string name)
    {
        string? found = null;
        for (int i = words.Count; i > 0; i--)
        {
            string word = words.Dequeue();
            bool isIt = found is null && (name.EndsWith('=') ? word.StartsWith(name, StringComparison.Ordinal) : word == name);
            if (isIt)
                found = word[name.Length..];
            else
                words.Enqueue(word);
        }

        return found;
    }
}
