using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>An account whose client does what no client should.</summary>
internal sealed class BadTrader : IAsyncDisposable
{
    private readonly ApplianceProcess _appliance;
    private readonly Trader _trader;

    private BadTrader(ApplianceProcess appliance, Trader trader) => (_appliance, _trader) = (appliance, trader);

    public delegate void Fill(ref EnvelopeBuilder envelope);

    public ulong Account => _trader.Account;

    public string Token => _trader.User.SessionToken;

    public static async Task<BadTrader> RegisterAsync(ApplianceProcess appliance, IEnumerable<(uint Asset, string Amount)>? funds = null) =>
        new(appliance, await Trader.RegisterAsync(appliance, funds));

    /// <summary>An envelope as it should be.</summary>
    public byte[] Envelope(ulong nonce, Fill fill, ulong expiry = 0, ulong? account = null)
    {
        byte[] buffer = new byte[Protocol.Envelope.MaximumSize];
        var envelope = new EnvelopeBuilder(buffer, account ?? Account, nonce, expiry);
        fill(ref envelope);
        return envelope.Sign(_trader.Key, _trader.VenueId).ToArray();
    }

    /// <summary>An envelope of one order that nobody will trade with.</summary>
    public byte[] HarmlessEnvelope(ulong nonce = 1, ulong? account = null) =>
        Envelope(nonce, static (ref EnvelopeBuilder envelope) => envelope.TryAdd(NewOrder.Limit(BadInputVenue.BadMarket, Side.Buy, 1, BadInputVenue.MinimumQuantity)), account: account);

    /// <summary>A session of its own, logged in.</summary>
    public RawSession LogIn(ulong sequence = 0) => RawSession.LogIn(_appliance.OrderEntry, Account, Token, sequence);

    /// <summary>The account as the venue has it.</summary>
    public async Task<Client.User> ReadAsync()
    {
        using var http = _appliance.CreateHttpClient();
        return await http.GetUserAsync(Account);
    }

    public ValueTask DisposeAsync() => _trader.DisposeAsync();
}
