using System.Text;
using Clob.Protocol;

namespace Clob.Proofs.Tests;

public sealed class DocumentedExampleTests
{
    [Test]
    public void The_example_in_the_documentation_is_what_is_written()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "verification.md"));
        byte[] seed = Hash256.Of("log key"u8).Bytes.ToArray();
        using SigningKey logKey = SigningKey.FromSeed(seed);
        CheckpointVerifier verifier = new(CheckpointExamples.Venue, VerifyingKey.TryImport(logKey.PublicKey)!);
        byte[] note = new CheckpointSigner(CheckpointExamples.Venue, logKey).Sign(CheckpointExamples.First());

        Assert.That(document, Does.Contain("`" + Convert.ToHexStringLower(seed) + "`"));
        Assert.That(document, Does.Contain("```\n" + Encoding.UTF8.GetString(note) + "```\n"));
        Assert.That(document, Does.Contain("`" + verifier.VerifierKey + "`"));
        Assert.That(document, Does.Contain("`" + CheckpointExamples.First().CoreHash() + "`"));
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo? at = new(TestContext.CurrentContext.TestDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Clob.Appliance.sln")))
            at = at.Parent;
        return at?.FullName ?? throw new DirectoryNotFoundException("Clob.Appliance.sln is in no folder above the tests.");
    }
}
