using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>Users, deposits and withdrawals.</summary>
internal sealed class UserEndpoints(VenueAccess access, HttpSettings http)
{
    private const int MaximumDepositIdLength = 256;
    private const string NoLimit = "none";

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.Post("/users", RegisterAsync).ForAdministration().Takes<RegisterUserRequest>(isOptional: true)
            .Produces<RegisteredUserAnswer>(201).Problems(422, 503, 507).WithSummary("Registers a user with a key of one's own, or with one that the venue makes and does not keep");
        routes.Get("/users", FindAsync).Produces<UserIdAnswer>().Problems(404, 422, 503).WithSummary("The user of a public key");
        routes.Get("/users/{id}", GetAsync).Produces<UserAnswer>().Problems(400, 404, 503).WithSummary("An account's state");
        routes.Post("/users/{id}/token", RotateTokenAsync).ForAdministration()
            .Produces<SessionTokenAnswer>().Problems(400, 404, 503).WithSummary("Makes a user's session token worthless and gives the next");
        routes.Post("/users/{id}/limits", SetLimitsAsync).ForAdministration().Takes<UserLimitsRequest>()
            .Produces<UserAnswer>().Problems(404, 422, 503).WithSummary("Blocks or allows a user's trading, and limits it; what is absent stays");
        routes.Post("/users/{id}/fees", SetFeesAsync).ForAdministration().Takes<UserFeesRequest>()
            .Produces<UserAnswer>().Problems(404, 422, 503, 507).WithSummary("Gives a user fees of its own in a market, or the market's again");
        routes.Post("/deposit", DepositAsync).ForAdministration().Takes<DepositRequest>()
            .Produces<DepositAnswer>().Problems(404, 409, 422, 503, 507).WithSummary("Credits a user; the same deposit id credits once for ever");
        routes.Post("/withdrawals/{id}", SettleWithdrawalAsync).ForAdministration().Takes<SettleWithdrawalRequest>()
            .Produces<WithdrawalAnswer>().Problems(404, 422, 503).WithSummary("Says how a withdrawal ended");
    }

    private async Task<IResult> RegisterAsync(HttpContext context)
    {
        var request = await RequestBody.ReadOrAsync(context, HttpJson.Default.RegisterUserRequest, new RegisterUserRequest()).ConfigureAwait(false);
        var venue = access.Require();
        using var generated = request.PublicKeyHex is null ? SigningKey.Generate() : null;
        var key = generated is null ? ReadKey(request.PublicKeyHex!) : new PublicKey(generated.PublicKey);
        var report = await venue.Operator.ExecuteAsync(new RegisterAccount(key), CancellationToken.None).ConfigureAwait(false);
        context.Response.Headers.CacheControl = "no-store";
        return HttpAnswer.Created($"/users/{report.Reference}", HttpJson.Default.RegisteredUserAnswer, new RegisteredUserAnswer(
            report.Reference, generated is null ? null : ExportSeed(generated), key.ToString(),
            venue.Tokens.Issue(report.Reference), Convert.ToHexStringLower(venue.VenueId.Span)));
    }

    private async Task<IResult> FindAsync(HttpContext context)
    {
        string text = context.Request.Query["public_key_hex"].ToString();
        var key = ReadKey(text);
        ulong? user = await ReadAsync(exchange => exchange.Keys.FindAccount(key)).ConfigureAwait(false);
        return user is { } found
            ? HttpAnswer.Ok(HttpJson.Default.UserIdAnswer, new UserIdAnswer(found))
            : throw new HttpProblemException(404, "unknown-user", "No such user", "no user has this public key");
    }

    private async Task<IResult> GetAsync(ulong id) =>
        HttpAnswer.Ok(HttpJson.Default.UserAnswer,
            await ReadAsync(exchange => VenueReader.ReadUser(exchange, id)).ConfigureAwait(false) ?? throw HttpProblem.UnknownUser(id));

    private async Task<IResult> RotateTokenAsync(ulong id, HttpContext context)
    {
        if (!await ReadAsync(exchange => exchange.Keys.TryGet(id, out _, out _)).ConfigureAwait(false))
            throw HttpProblem.UnknownUser(id);
        context.Response.Headers.CacheControl = "no-store";
        return HttpAnswer.Ok(HttpJson.Default.SessionTokenAnswer, new SessionTokenAnswer(access.Require().Tokens.Rotate(id)));
    }

    private async Task<IResult> SetLimitsAsync(ulong id, HttpContext context)
    {
        var request = await RequestBody.ReadAsync(context, HttpJson.Default.UserLimitsRequest).ConfigureAwait(false);
        UInt128? notional = request.MaximumOrderNotional is { } text ? ReadNotional(text) : null;
        await access.Require().Operator.ExecuteAsync(
            new SetAccountLimits(id, request.TradingAllowed, request.MaximumOpenOrders, notional), CancellationToken.None).ConfigureAwait(false);
        return await GetAsync(id).ConfigureAwait(false);
    }

    private async Task<IResult> SetFeesAsync(ulong id, HttpContext context)
    {
        var request = await RequestBody.ReadAsync(context, HttpJson.Default.UserFeesRequest).ConfigureAwait(false);
        await access.Require().Operator.ExecuteAsync(
            new SetAccountFees(id, request.MarketId, request.MakerFeePpm, request.TakerFeePpm), CancellationToken.None).ConfigureAwait(false);
        return await GetAsync(id).ConfigureAwait(false);
    }

    private static UInt128 ReadNotional(string text) =>
        text == NoLimit ? UInt128.MaxValue
        : UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var notional) ? notional
        : throw HttpProblem.NotAccepted("maximum_order_notional", $"holds '{Shorten(text)}'; it accepts digits up to 2^128 - 1, or {NoLimit}");

    private async Task<IResult> DepositAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync(context, HttpJson.Default.DepositRequest).ConfigureAwait(false);
        byte decimals = await DecimalsOfAsync(request.AssetId).ConfigureAwait(false);
        if (!Amount.TryParse(request.Amount, decimals, out var units, out string error))
            throw HttpProblem.NotAccepted("amount", $"holds '{Shorten(request.Amount)}': {error}");
        bool credited = await CreditAsync(new Deposit(request.UserId, request.AssetId, units, DigestOf(request.DepositId))).ConfigureAwait(false);
        return HttpAnswer.Ok(HttpJson.Default.DepositAnswer, new DepositAnswer(request.UserId, request.AssetId, Amount.Format(units, decimals), credited));
    }

    private async Task<byte> DecimalsOfAsync(uint asset)
    {
        var known = access.Require().Assets;
        if (known.TryGet(asset, out byte decimals))
            return decimals;
        // Defined by the settings at this start, or not at all.
        var found = await ReadAsync(exchange => exchange.ReadAsset(asset)).ConfigureAwait(false) ?? throw HttpProblem.UnknownAsset(asset);
        known.Add(asset, found.Decimals);
        return found.Decimals;
    }

    private async Task<bool> CreditAsync(Deposit deposit)
    {
        try
        {
            await access.Require().Operator.ExecuteAsync(deposit, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (OperatorRejectException reject) when (reject.Reason == RejectReason.DuplicateDeposit)
        {
            return false;
        }
    }

    private async Task<IResult> SettleWithdrawalAsync(ulong id, HttpContext context)
    {
        var request = await RequestBody.ReadAsync(context, HttpJson.Default.SettleWithdrawalRequest).ConfigureAwait(false);
        await access.Require().Operator.ExecuteAsync(new SettleWithdrawal(id, HttpNames.ToOutcome(request.Outcome)), CancellationToken.None).ConfigureAwait(false);
        return HttpAnswer.Ok(HttpJson.Default.WithdrawalAnswer, new WithdrawalAnswer(id, request.Outcome));
    }

    private Task<T> ReadAsync<T>(Func<Exchange, T> read) => access.Require().Reads.ReadAsync(read, http.ReadPatience);

    private static PublicKey ReadKey(string hex)
    {
        byte[] bytes = new byte[PublicKey.Size];
        if (hex.Length != 2 * PublicKey.Size || Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            throw HttpProblem.NotAccepted("public_key_hex", $"holds '{Shorten(hex)}'; it accepts {2 * PublicKey.Size} hexadecimal digits");
        return VerifyingKey.IsAdmissible(bytes) ? new PublicKey(bytes) : throw new HttpProblemException(422, "invalid-key", "Not a public key of Ed25519's prime-order group");
    }

    private static string ExportSeed(SigningKey key)
    {
        Span<byte> seed = stackalloc byte[SigningKey.SeedSize];
        key.ExportSeed(seed);
        string hex = Convert.ToHexStringLower(seed);
        CryptographicOperations.ZeroMemory(seed);
        return hex;
    }

    /// <summary>First 16 bytes of SHA-256 of the text's UTF-8.</summary>
    private static UInt128? DigestOf(string? depositId) => depositId switch
    {
        null => null,
        { Length: 0 or > MaximumDepositIdLength } => throw HttpProblem.NotAccepted("deposit_id", $"has {depositId.Length} characters; it accepts 1 to {MaximumDepositIdLength}"),
        _ => new BigEndianReader(SHA256.HashData(Encoding.UTF8.GetBytes(depositId))).U128(),
    };

    // What a client sent is repeated to it only so far.
    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
