namespace Clob.Fuzz.Tests;

/// <summary>
/// Every decoder on valid inputs that were altered at random: it answers as documented and never with another exception, comes back,
/// allocates in proportion, looks at nothing beside its input, and what it accepts encodes to the same bytes again.
/// </summary>
public sealed class DecoderTests
{
    private static IEnumerable<TestCaseData> Targets() => new[]
    {
        SessionTargets.All, RecordTargets.All, FeedTargets.All, ProofTargets.All, JournalTargets.All, SettlementTargets.All, StateTargets.All, HttpTargets.All,
    }.SelectMany(targets => targets).Select(target => new TestCaseData(target).SetArgDisplayNames(target.Name));

    [TestCaseSource(nameof(Targets))]
    public void Takes_any_bytes(object decoder)
    {
        var target = (FuzzTarget)decoder;
        var count = new Fuzzer(target, FuzzSize.Seed).Run(FuzzSize.Duration, FuzzSize.OnlyInput);
        TestContext.Out.WriteLine($"{target.Name}: {count}, seed {FuzzSize.Seed}");
        if (FuzzSize.OnlyInput is not null)
            return;
        // A run in which all or nothing is accepted has not asked the decoder anything.
        Assert.That(count.Accepted, Is.GreaterThan(0).And.LessThan(count.Inputs), "inputs that were accepted");
        Assert.That(count.AlteredAccepted, target.IsSealed ? Is.Zero : Is.GreaterThan(0), "altered inputs that were accepted");
    }
}
