using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// One account that does everything at once that makes live matching hard to repeat: it changes its key and goes on under the new one without waiting, signs with keys it
/// no longer has, lets envelopes and orders expire, vanishes, and comes back.
/// </summary>
internal sealed class RestlessAccount : IDisposable
{
    private const ushort Market = 1;
    private const ulong Middle = 10_000;
    private const int Window = 24; // envelopes under way; the venue takes 32

    private readonly ApplianceProcess _appliance;
    private readonly Trader _trader;
    private readonly Random _random;
    private readonly Dictionary<string, SigningKey> _keys = [];
    private readonly Dictionary<(EventKind, byte), int> _counts = [];
    private readonly Lock _gate = new();
    private readonly Queue<(ulong First, ulong Last)> _underWay = [];
    private readonly List<ulong> _openOrders = [];
    private readonly byte[] _buffer = new byte[Envelope.MaximumSize];
    private SigningKey _key;
    private SigningKey _formerKey;
    private RawSession? _session;
    private ulong _nextNonce = 1;
    private ulong _nextReport = 1;

    public RestlessAccount(ApplianceProcess appliance, Trader trader, Random random)
    {
        (_appliance, _trader, _random) = (appliance, trader, random);
        _key = trader.Key;
        _formerKey = NewKey();
        _keys[Name(_key)] = _key;
    }

    /// <summary>Commands sent so far, whatever became of them.</summary>
    public int Commands { get; private set; }

    /// <summary>How many envelopes changed the key.</summary>
    public int Rotations { get; private set; }

    /// <summary>Reports by kind and reason.</summary>
    public int Count(EventKind kind, byte reason = 0)
    {
        lock (_gate)
            return _counts.GetValueOrDefault((kind, reason));
    }

    public string Summary
    {
        get
        {
            lock (_gate)
                return string.Join(", ", _counts.OrderByDescending(count => count.Value).Select(count => $"{count.Key.Item1}{(count.Key.Item2 == 0 ? "" : $"/{count.Key.Item2}")} {count.Value}"));
        }
    }

    /// <summary>Sends so many commands more, through as many sessions as it takes.</summary>
    public async Task TradeAsync(int commands)
    {
        for (int target = Commands + commands; Commands < target;)
        {
            if (_session is null or { IsOver: true })
                await ComeBackAsync().ConfigureAwait(false);
            int choice = _random.Next(400);
            if (choice == 0)
                Vanish();
            else if (choice < 4)
                SendBadSignature();
            else if (IsWindowOpen())
                SendMixed();
            else
                await Task.Delay(1).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until all that is under way is answered, or its session over.</summary>
    public async Task SettleAsync()
    {
        using var limit = new CancellationTokenSource(ProgramProcess.Patience);
        while (_session is { IsOver: false } && UnderWay() > 0)
            await Task.Delay(5, limit.Token).ConfigureAwait(false);
    }

    /// <summary>Ends the session at once, or in good order.</summary>
    public void Vanish()
    {
        if (_random.Next(2) == 0)
            _session?.LogOut();
        _session?.Dispose();
        _session = null;
    }

    public void Dispose()
    {
        _session?.Dispose();
        foreach (var key in _keys.Values)
            key.Dispose();
    }

    /// <summary>Asks what became of it all and goes on from there: gaps in nonces are allowed, and the key is the one that the venue names.</summary>
    private async Task ComeBackAsync()
    {
        _session?.Dispose();
        using var http = _appliance.CreateHttpClient();
        var state = await http.GetUserAsync(_trader.Account).ConfigureAwait(false);
        _key = _keys[state.PublicKeyHex];
        _nextNonce = state.NextNonce;
        lock (_gate)
            _underWay.Clear();
        _session = await RawSession.OpenAsync(_appliance, _trader, _nextReport, OnReport).ConfigureAwait(false);
    }

    private void OnReport(ExchangeEvent report)
    {
        lock (_gate)
        {
            if (report.ReportSequence != _nextReport)
                throw new InvalidOperationException($"report {report.ReportSequence} came where {_nextReport} was due");
            _nextReport++;
            _counts[(report.Kind, report.Reason)] = _counts.GetValueOrDefault((report.Kind, report.Reason)) + 1;
            if (report.Kind == EventKind.Accepted)
                _openOrders.Add(report.OrderId);
            bool isAnswer = report.Kind is EventKind.EnvelopeRejected or EventKind.Completed;
            while (isAnswer && _underWay.TryPeek(out var oldest) && (report.Nonce >= oldest.Last || (report.Kind == EventKind.EnvelopeRejected && report.Nonce == oldest.First)))
                _underWay.Dequeue();
        }
    }

    private bool IsWindowOpen() => UnderWay() < Window;

    private int UnderWay()
    {
        lock (_gate)
            return _underWay.Count;
    }

    /// <summary>Signed with the key of before, or with one the venue has never seen.</summary>
    private void SendBadSignature()
    {
        var envelope = new EnvelopeBuilder(_buffer, _trader.Account, _nextNonce);
        envelope.TryAdd(RandomOrder());
        Send(envelope, _random.Next(2) == 0 ? _formerKey : NewKey(), usesNonces: false);
    }

    private void SendMixed()
    {
        ulong now = Now();
        ulong expiry = _random.Next(20) switch
        {
            0 => now - 1_000_000_000,
            1 => now + (ulong)_random.Next(1, 1_000_000), // in less than a millisecond: both may happen
            2 => now + 3_600_000_000_000,
            _ => 0,
        };
        var envelope = new EnvelopeBuilder(_buffer, _trader.Account, _nextNonce, expiry);
        SigningKey? next = null;
        int count = _random.Next(8, 90);
        int rotateAt = _random.Next(6) == 0 ? _random.Next(count) : -1;
        for (int i = 0; i < count; i++)
        {
            if (i == rotateAt)
                envelope.TryAdd(new RotateKey(new PublicKey((next = NewKey()).PublicKey)));
            else
                AddCommand(ref envelope);
        }

        envelope.TryAdd(new AccountSettings(
            _random.Next(10) == 0 ? _random.Next(2) == 0 : null, _random.Next(10) == 0 ? (SelfTradePrevention)_random.Next(1, 5) : null)); // its answer ends the envelope's
        Send(envelope, _key, usesNonces: true);
        if (next is null)
            return;
        // Not waited for. If the envelope was refused as expired, all that follows has a bad signature, which is as good.
        Rotations++;
        (_formerKey, _key) = (_key, next);
    }

    private void AddCommand(ref EnvelopeBuilder envelope)
    {
        ulong order = 0;
        int kind = _random.Next(12);
        lock (_gate)
        {
            if (kind < 6 && _openOrders.Count > 0)
            {
                order = _openOrders[^1];
                _openOrders.RemoveAt(_openOrders.Count - 1);
            }
        }

        if (order == 0)
            envelope.TryAdd(RandomOrder());
        else if (kind == 0)
            envelope.TryAdd(new Reduce(Market, order, 1));
        else if (kind == 1)
            envelope.TryAdd(new Replace(Market, order, NearMiddle(), 5, _random.Next(3) == 0 ? 2UL : null));
        else if (kind == 2 && _random.Next(20) == 0)
            envelope.TryAdd(new CancelAll(Market, _random.Next(2) == 0 ? Side.Buy : Side.Sell));
        else
            envelope.TryAdd(new Cancel(Market, order));
    }

    private NewOrder RandomOrder()
    {
        var order = NewOrder.Limit(Market, _random.Next(2) == 0 ? Side.Buy : Side.Sell, NearMiddle(), (ulong)_random.Next(1, 10));
        return _random.Next(7) switch
        {
            0 => order with { TimeInForce = TimeInForce.ImmediateOrCancel },
            1 => order with { TimeInForce = TimeInForce.GoodTillDate, Deadline = Now() + (ulong)_random.Next(1, 50_000_000) },
            2 => order with { Quantity = 40, DisplayQuantity = (ulong)_random.Next(1, 10) },
            3 => order with { SelfTradePrevention = (SelfTradePrevention)_random.Next(1, 5) },
            _ => order,
        };
    }

    private ulong NearMiddle() => Middle + (ulong)_random.Next(60) - 30;

    private void Send(EnvelopeBuilder envelope, SigningKey key, bool usesNonces)
    {
        var signed = envelope.Sign(key, _trader.VenueId);
        Commands += envelope.Count;
        if (usesNonces)
        {
            lock (_gate)
                _underWay.Enqueue((_nextNonce, _nextNonce + (uint)envelope.Count - 1));
            _nextNonce += (uint)envelope.Count;
        }

        _session!.TrySend(signed);
    }

    private SigningKey NewKey()
    {
        var key = SigningKey.Generate();
        _keys[Name(key)] = key;
        return key;
    }

    private static string Name(SigningKey key) => Convert.ToHexStringLower(key.PublicKey);

    private static ulong Now() => (ulong)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
}
