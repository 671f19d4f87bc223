namespace Clob.Proofs.Tests;

public sealed class LogHeadTests
{
    // The note text of the example in C2SP's tlog-checkpoint.
    private const string Example = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    private const string Root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    [Test]
    public void Reads_and_writes_the_example_of_the_specification()
    {
        Assert.That(LogHead.TryParse(Example, out LogHead? head, out string? error), Is.True, error);
        Assert.That(head, Is.EqualTo(new LogHead("example.com/behind-the-sofa", 20852163, new Hash256(Convert.FromBase64String(Root)))));
        Assert.That(head!.ToString(), Is.EqualTo(Example));
    }

    [Test]
    public void An_empty_tree_has_size_0()
    {
        LogHead head = new("clob/0123456789abcdef/journal", 0, MerkleHash.Empty);
        Assert.That(head.ToString(), Is.EqualTo("clob/0123456789abcdef/journal\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"));
        Assert.That(LogHead.TryParse(head.ToString(), out LogHead? read, out _), Is.True);
        Assert.That(read, Is.EqualTo(head));
    }

    [TestCase("", "line 1: expected 'origin', found the end")]
    [TestCase("\n1\n" + Root + "\n", "line 1: the origin is empty")]
    [TestCase("o\n01\n" + Root + "\n", "line 2: the size")]
    [TestCase("o\n+1\n" + Root + "\n", "line 2: the size")]
    [TestCase("o\n-1\n" + Root + "\n", "line 2: the size")]
    [TestCase("o\n\n" + Root + "\n", "line 2: the size")]
    [TestCase("o\n1 \n" + Root + "\n", "line 2: the size")]
    [TestCase("o\n18446744073709551616\n" + Root + "\n", "line 2: the size")]
    [TestCase("o\n1\n", "line 3: expected 'root', found the end")]
    [TestCase("o\n1\n" + Root, "line 3: it does not end in a line feed")]
    [TestCase("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", "line 3: the root")]
    [TestCase("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n", "line 3: the root")]
    [TestCase("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n", "line 3: the root")]
    [TestCase("o\n1\n" + Root + "\r\n", "line 3: the root")]
    [TestCase("o\n1\n" + Root + "\nextension\n", "line 4: unexpected 'extension'")]
    [TestCase("o\n1\n" + Root + "\n\n", "line 4: unexpected ''")]
    public void A_malformed_text_is_refused_with_line_and_reason(string text, string reason)
    {
        Assert.That(LogHead.TryParse(text, out LogHead? head, out string? error), Is.False);
        Assert.That(head, Is.Null);
        Assert.That(error, Does.Contain(reason));
    }

    [Test]
    public void Any_truncation_is_refused()
    {
        for (int length = 0; length < Example.Length; length++)
            Assert.That(LogHead.TryParse(Example[..length], out _, out _), Is.False, $"the first {length} characters");
    }
}
