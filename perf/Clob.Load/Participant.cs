using Clob.Client;
using Clob.Protocol;

namespace Clob.Load;

/// <summary>A user of the venue with its key: who the load tool trades as.</summary>
internal sealed class Participant : IDisposable
{
    private Participant(ulong account, SigningKey key, string token, byte[] venueId, ulong nextNonce)
    {
        Account = account;
        Key = key;
        Token = token;
        VenueId = venueId;
        NextNonce = nextNonce;
    }

    public ulong Account { get; }

    public SigningKey Key { get; }

    public string Token { get; }

    public byte[] VenueId { get; }

    public ulong NextNonce { get; }

    /// <summary>Registers a new user with a key of its own and funds it.</summary>
    public static async Task<Participant> RegisterAsync(
        ApplianceHttpClient http, IEnumerable<(uint Asset, string Amount)> funds, CancellationToken cancellation)
    {
        var key = SigningKey.Generate();
        var registered = await http.RegisterAsync(key.PublicKey.ToArray(), cancellation).ConfigureAwait(false);
        foreach (var (asset, amount) in funds)
            await http.DepositAsync(registered.UserId, asset, amount, null, cancellation).ConfigureAwait(false);
        return new Participant(registered.UserId, key, registered.SessionToken, Convert.FromHexString(registered.VenueId), 1);
    }

    /// <summary>Takes the user that a private key belongs to; what is not given is asked for.</summary>
    public static async Task<Participant> OfKeyAsync(
        ApplianceHttpClient http, string privateKeyHex, ulong? user, string? token, CancellationToken cancellation)
    {
        var key = SigningKey.FromSeed(Convert.FromHexString(privateKeyHex));
        ulong account = user ?? await http.FindUserAsync(key.PublicKey.ToArray(), cancellation).ConfigureAwait(false);
        var state = await http.GetUserAsync(account, cancellation).ConfigureAwait(false);
        if (!Convert.ToHexString(key.PublicKey).Equals(state.PublicKeyHex, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"the private key is not that of user {account}");
        var venue = await http.GetVenueAsync(cancellation).ConfigureAwait(false);
        token ??= await http.RotateSessionTokenAsync(account, cancellation).ConfigureAwait(false);
        return new Participant(account, key, token, Convert.FromHexString(venue.VenueId), state.NextNonce);
    }

    public Task<OrderEntryClient> ConnectAsync(VenueEndpoints venue, IOrderEntryListener listener, CancellationToken cancellation) =>
        OrderEntryClient.ConnectAsync(
            new OrderEntryOptions
            {
                EndPoint = venue.OrderEntryEndPoint,
                Account = Account,
                SessionToken = Token,
                Key = Key,
                VenueId = VenueId,
                NextNonce = NextNonce,
            },
            listener, cancellation);

    public void Dispose() => Key.Dispose();
}
