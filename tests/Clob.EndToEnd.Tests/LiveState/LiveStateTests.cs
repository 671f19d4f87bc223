using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Clob.Engine;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.EndToEnd.Tests;

/// <summary>What matched live is what replays: the appliance says so at each orderly stop, and the verifier comes to the same root.</summary>
public sealed partial class LiveStateTests
{
    /// <summary>Verify stages beside matching, on threads of their own: verdicts under keys that are not the account's any more.</summary>
    private static readonly string[] ManyThreads = ["--Pipeline:Verifiers=3", "--Pipeline:Threads=ingress;verify;match;journal;egress", "--OrderEntry:DisconnectGraceSeconds=0"];

    [Test]
    public async Task Live_and_replayed_state_agree_under_pipelined_key_rotations_bad_signatures_expiries_disconnects_and_restarts()
    {
        const int Parts = 8;
        int total = TestSize.Now.AccountCommands;
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        TestContext.Progress.WriteLine($"seed {seed}, {total} commands");
        await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSetup
        {
            CheckpointInterval = TimeSpan.FromMilliseconds(300),
            Settings = ["--OrderEntry:BadSignaturePause=00:00:00"], // bad signatures are the point here
        });
        await using var trader = await Trader.RegisterAsync(appliance);
        using var account = new RestlessAccount(appliance, trader, random);
        for (int part = 0; part < Parts; part++)
        {
            var clock = Stopwatch.StartNew();
            await account.TradeAsync(total / Parts);
            if (part % 2 == 0)
            {
                if (part % 4 == 0)
                    account.Vanish(); // else the stop comes while envelopes are under way
                await StopAndCompareAsync(appliance);
            }
            else
            {
                appliance.Kill();
            }

            // Settings change no result: every second start has other threads.
            await appliance.StartAgainAsync(part % 4 < 2 ? ManyThreads : []);
            TestContext.Progress.WriteLine($"part {part + 1}: {account.Commands} commands, {account.Rotations} rotations; {clock.Elapsed.TotalSeconds:F1} s");
        }

        await account.TradeAsync(100);
        await account.SettleAsync();
        account.Vanish();
        await StopAndCompareAsync(appliance);

        TestContext.Progress.WriteLine(account.Summary);
        Assert.That(account.Commands, Is.GreaterThan(total));
        Assert.That(account.Rotations, Is.GreaterThan(total / 1000));
        Assert.That(account.Count(EventKind.EnvelopeRejected, (byte)RejectReason.BadSignature), Is.GreaterThan(5));
        Assert.That(account.Count(EventKind.EnvelopeRejected, (byte)RejectReason.Expired), Is.GreaterThan(5));
        Assert.That(account.Count(EventKind.Cancelled, (byte)CancelReason.DeadlinePassed), Is.GreaterThan(5));
        Assert.That(account.Count(EventKind.Cancelled, (byte)CancelReason.SelfTrade), Is.GreaterThan(5));
        Assert.That(account.Count(EventKind.Cancelled, (byte)CancelReason.Disconnected), Is.GreaterThan(5));
        Assert.That(account.Count(EventKind.Executed), Is.GreaterThan(total / 100));
    }

    [Test]
    public void A_live_state_that_is_not_the_replayed_one_is_noticed()
    {
        var live = NewExchange(operatorKey: 1);
        var replayed = StateRoot.Of(NewExchange(operatorKey: 1), new StateCommitmentBuilder());
        Assert.That(StateAgreement.Check(live, replayed), Is.EqualTo(replayed));

        var other = StateRoot.Of(NewExchange(operatorKey: 2), new StateCommitmentBuilder());
        Assert.That(() => StateAgreement.Check(live, other), Throws.TypeOf<StateDivergedException>().With.Message.Contains($"{replayed}").And.Message.Contains($"{other}"));
    }

    private static async Task StopAndCompareAsync(ApplianceProcess appliance)
    {
        await appliance.StopAsync();
        var line = AgreementPattern().Match(appliance.Output);
        Assert.That(line.Success, Is.True, appliance.Output);

        var verified = await appliance.VerifyAsync("--json");
        Assert.That(verified.ExitCode, Is.Zero, verified.Output);
        using var result = JsonDocument.Parse(verified.Output);
        Assert.That(result.RootElement.GetProperty("records").GetUInt64(), Is.EqualTo(ulong.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture)));
        Assert.That(result.RootElement.GetProperty("records_beyond").GetUInt64(), Is.Zero, "the last record of an orderly stop is a mark");
        Assert.That(result.RootElement.GetProperty("state_root").GetString(), Is.EqualTo(line.Groups[1].Value));
    }

    private static Exchange NewExchange(byte operatorKey)
    {
        var seed = new byte[SigningKey.SeedSize];
        seed[0] = operatorKey;
        using var key = SigningKey.FromSeed(seed);
        var genesis = new Genesis
        {
            Salt = new byte[32],
            OperatorKey = key.PublicKey.ToArray(),
            LogKey = key.PublicKey.ToArray(),
            EngineVersion = Exchange.CurrentVersion,
            EngineHash = new byte[32],
        };
        byte[] record = genesis.ToRecord(1);
        Assert.That(RecordHeader.TryRead(record, out var header, out var payload), Is.True);
        var exchange = new Exchange(ExchangeCapacity.Default);
        var nobody = new NobodyListens();
        exchange.Apply(header, payload, SignatureHint.None, ref nobody);
        return exchange;
    }

    [GeneratedRegex("live and replayed state agree: ([0-9a-f]{64}) after ([0-9]+) records")]
    private static partial Regex AgreementPattern();

    private readonly struct NobodyListens : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened)
        {
        }
    }
}
