using System.Text.Json;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>One bit of what a venue has left behind is not as it was: the verifier says so, with the code of its table, and where.</summary>
public sealed class FlippedBitTests
{
    private const int Damaged = 3;
    private const int MissingData = 4;
    private static readonly int FlipsEach = TestSize.Now.Flips;
    private const int Block = 4096;
    private const int LastEntry = 600; // bytes of the ledger that belong to its last entry for sure

    [Test]
    public async Task The_verifier_fails_and_names_the_place()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        TestContext.Progress.WriteLine($"seed {seed}");
        await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSetup { CheckpointInterval = TimeSpan.FromMilliseconds(100) });
        await TradeAsync(appliance);
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();
        await appliance.VerifyGreenAsync("--source", "da");

        string segment = Directory.GetFiles(Path.Combine(appliance.DataDirectory, "journal"), "*.seg").Order().First();
        int written = EndOf(segment);
        string ledger = Path.Combine(appliance.DataDirectory, "ledger", "checkpoints.log");
        int length = (int)new FileInfo(ledger).Length;
        string[] batches = [.. Directory.GetFiles(Path.Combine(appliance.DataDirectory, "da")).Where(file => !file.EndsWith(".log", StringComparison.Ordinal))];
        for (int i = 0; i < FlipsEach; i++)
        {
            await FlipAsync(appliance, segment, random.Next(written - Block), random, [Damaged]);
            await FlipAsync(appliance, segment, random.Next(written - Block, written), random, [Damaged, MissingData]); // the last group counts as torn, but checkpoints knew it
            await FlipAsync(appliance, ledger, random.Next(length), random, [Damaged]);
            await FlipAsync(appliance, ledger, random.Next(length - LastEntry, length), random, [Damaged]);
            string batch = batches[random.Next(batches.Length)];
            await FlipAsync(appliance, batch, random.Next((int)new FileInfo(batch).Length), random, [Damaged], "--source", "da");
        }

        await appliance.VerifyGreenAsync(); // every bit is back
    }

    private static async Task FlipAsync(ApplianceProcess appliance, string file, int offset, Random random, int[] codes, params string[] source)
    {
        byte[] bytes = File.ReadAllBytes(file);
        byte mask = (byte)(1 << random.Next(8));
        bytes[offset] ^= mask;
        File.WriteAllBytes(file, bytes);
        var result = await appliance.VerifyAsync(["--json", .. source]);
        bytes[offset] ^= mask;
        File.WriteAllBytes(file, bytes);

        string place = $"{Path.GetFileName(file)} at {offset}, mask {mask:x2}: {result.Output}";
        TestContext.Progress.WriteLine(place.TrimEnd());
        Assert.That(result.ExitCode, Is.AnyOf([.. codes]), place);
        using var json = JsonDocument.Parse(result.Output);
        var failure = json.RootElement.GetProperty("failure");
        Assert.That(failure.GetProperty("segment").GetString(), Does.EndWith(Path.GetFileName(file)), place);
    }

    private static async Task TradeAsync(ApplianceProcess appliance)
    {
        await using var trader = await Trader.JoinAsync(appliance);
        for (int round = 1; round <= 5; round++)
        {
            for (uint i = 0; i < 60; i++)
                await trader.Client.SendAsync(NewOrder.Limit(1, i % 2 == 0 ? Side.Buy : Side.Sell, 100 + i % 5, 1 + i));
            await trader.DrainAsync();
            await appliance.WaitForCheckpointAsync((ulong)round * 60);
        }
    }

    /// <summary>Where the last block ends that holds something.</summary>
    private static int EndOf(string segment) => (File.ReadAllBytes(segment).AsSpan().LastIndexOfAnyExcept((byte)0) / Block + 1) * Block;
}
