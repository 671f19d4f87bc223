using System.Globalization;
using System.Text;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>Events as a scenario writes them.</summary>
internal static class EventText
{
    public static string Of(IEnumerable<ExchangeEvent> events) => string.Join("; ", events.Select(Of));

    public static string NameOf(ulong account) => account switch
    {
        0 => "op",
        <= 26 => ((char)('A' + account - 1)).ToString(),
        _ => account.ToString(CultureInfo.InvariantCulture),
    };

    public static string Of(ExchangeEvent e)
    {
        string who = NameOf(e.Account);
        string order = $"{who}#{e.OrderId}";
        string lots = $"{e.Quantity}@{e.Price}";
        string end = (e.Flags & EventFlags.Final) != 0 ? "done" : $"left {e.OpenQuantity}";
        string fee = e.Amount == 0 ? "" : $" fee {e.Amount.ToString(CultureInfo.InvariantCulture)}";
        if (e.ReportSequence == 0 && e.Kind is EventKind.Reduced or EventKind.Replaced)
            return e.Kind == EventKind.Reduced ? $"fed #{e.OrderId} by {e.Quantity} left {e.OpenQuantity}" : $"fed #{e.Reference} by #{e.OrderId} {lots}";
        string waiting = (e.Flags & EventFlags.Waiting) != 0 ? " waiting" : "";
        var text = new StringBuilder(e.Kind switch
        {
            EventKind.Accepted => $"accepted {order}{waiting}",
            EventKind.Rejected => $"rejected {who} {(RejectReason)e.Reason}",
            EventKind.EnvelopeRejected => $"refused {who} {(RejectReason)e.Reason}{(e.Reference != 0 ? $" next {e.Reference}" : "")}",
            EventKind.Duplicate => $"duplicate {who} of {e.Quantity} in record {e.OrderId} report {e.Reference}",
            EventKind.Executed => $"{((e.Flags & EventFlags.Taker) != 0 ? "took" : "made")} {order} {lots}{fee} {end}",
            EventKind.Rested => $"rested #{e.OrderId} {lots}",
            EventKind.Reduced => $"reduced {order} by {e.Quantity} {end}{(e.FeedSequence == 0 && waiting == "" ? " unseen" : "")}{waiting}",
            EventKind.Cancelled => $"cancelled {order} {e.Quantity} {(CancelReason)e.Reason}{waiting}",
            EventKind.Triggered => $"triggered {order} at {e.Reference}",
            EventKind.Replaced => $"replaced {who}#{e.Reference} by #{e.OrderId} {lots}{Replacement(e)}",
            EventKind.Completed => $"completed {who}{(e.Reference != 0 ? $" {e.Reference}" : "")}",
            EventKind.Deposited => $"deposited {who} {e.Amount} of {e.Asset}",
            EventKind.WithdrawalRequested => $"withdrawal {e.Reference} of {who} {e.Amount} of {e.Asset}",
            EventKind.WithdrawalSettled => $"{((e.Flags & EventFlags.Returned) != 0 ? "returned" : "paid")} {e.Reference} {who} {e.Amount} of {e.Asset}",
            EventKind.Directory => $"directory {e.Market} {e.Symbol} {e.Asset}/{e.SecondAsset} fees {e.MakerFee}/{e.TakerFee} lots {e.MinimumQuantity}..{e.MaximumQuantity} cap {e.PriceCap}",
            EventKind.TradingAction => $"state {e.Market} {(MarketState)e.Side}",
            EventKind.PriceBand => $"band {e.Market} {e.Band} around {e.ReferencePrice} notional {e.MaximumNotional}",
            EventKind.SystemEvent => "start",
            _ => throw new ArgumentOutOfRangeException(nameof(e), e.Kind, "no text"),
        });
        return text.ToString();
    }

    private static string Replacement(ExchangeEvent e) => (e.Flags & (EventFlags.Displayed | EventFlags.Waiting), e.FeedSequence) switch
    {
        (EventFlags.Waiting, _) => " waiting",
        (EventFlags.Displayed, 0) => " unseen",
        (EventFlags.Displayed, _) => "",
        (_, 0) => " trading unseen",
        _ => " trading",
    };
}
