using System.Text;
using Clob.Protocol;

namespace Clob.Proofs.Tests;

public sealed class SignedNoteTests
{
    // The example of the Go implementation's documentation (golang.org/x/mod/sumdb/note): seed, verifier key and note.
    private const string GoSeed = "810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173";
    private const string GoVerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string GoText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private const string GoNote = GoText
        + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    // The example of the Elixir implementation's documentation.
    private const string FooVerifierKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string FooNote =
        "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    private readonly SigningKey _key = SigningKey.FromSeed(Hash256.Of("seed"u8).Bytes);

    [OneTimeTearDown]
    public void DisposeKey() => _key.Dispose();

    private NoteSigner Signer => new("clob/test", _key);

    [TestCase(GoVerifierKey, GoNote)]
    [TestCase(FooVerifierKey, FooNote)]
    public void Opens_the_notes_of_other_implementations(string verifierKey, string text)
    {
        NoteVerifier verifier = VerifierOf(verifierKey);
        Assert.That(verifier.ToString(), Is.EqualTo(verifierKey));
        Assert.That(Open(text, verifier), Is.Null);
    }

    [Test]
    public void Signs_as_the_example_of_another_implementation()
    {
        using SigningKey key = SigningKey.FromSeed(Convert.FromHexString(GoSeed));
        NoteSigner signer = new("PeterNeumann", key);
        Assert.That(signer.Verifier.ToString(), Is.EqualTo(GoVerifierKey));
        Assert.That(signer.Sign(GoText).ToString(), Is.EqualTo(GoNote));
    }

    [Test]
    public void Writes_back_the_bytes_it_read()
    {
        foreach (string text in new[] { GoNote, FooNote })
        {
            Assert.That(SignedNote.TryParse(Encoding.UTF8.GetBytes(text), out SignedNote? note, out _), Is.True);
            Assert.That(note!.ToBytes(), Is.EqualTo(Encoding.UTF8.GetBytes(text)));
        }
    }

    [TestCase("one line\n")]
    [TestCase("\n")]
    [TestCase("an empty line\n\ninside and at the end\n\n")]
    [TestCase("— clob/test looks like a signature\n")]
    [TestCase("è subito sera\n")]
    public void Opens_what_it_signed(string text)
    {
        byte[] bytes = Signer.Sign(text).ToBytes();
        Assert.That(SignedNote.TryParse(bytes, out SignedNote? note, out string? error), Is.True, error);
        Assert.That(note!.Text, Is.EqualTo(text));
        Assert.That(note.Verify(Signer.Verifier, out error), Is.True, error);
    }

    [TestCase("")]
    [TestCase("no line feed")]
    [TestCase("carriage return\r\n")]
    [TestCase("tab\t\n")]
    public void Signs_no_text_that_could_not_be_read_back(string text) =>
        Assert.That(() => Signer.Sign(text), Throws.ArgumentException);

    [Test]
    public void Every_changed_byte_and_every_truncation_is_refused()
    {
        byte[] bytes = Signer.Sign("origin\n12\nroot\n").ToBytes();
        Assert.That(Open(bytes), Is.Null);
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.That(Open(bytes[..i]), Is.Not.Null, $"the first {i} bytes");
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[i] ^= (byte)(1 << bit);
                Assert.That(Open(changed), Is.Not.Null, $"bit {bit} of byte {i}");
            }
        }
    }

    [Test]
    public void A_signature_by_another_key_or_under_another_name_does_not_count()
    {
        using SigningKey otherKey = SigningKey.Generate();
        Assert.That(Open(new NoteSigner("clob/test", otherKey).Sign("text\n").ToBytes()), Does.Contain("no signature by clob/test"));
        Assert.That(Open(new NoteSigner("clob/tess", _key).Sign("text\n").ToBytes()), Does.Contain("no signature by clob/test"));
    }

    [Test]
    public void A_forged_line_with_the_right_name_and_id_is_refused()
    {
        using SigningKey otherKey = SigningKey.Generate();
        SignedNote forged = new NoteSigner("clob/test", otherKey).Sign("text\n");
        byte[] disguised = Note([forged.Signatures[0] with { KeyId = Signer.Verifier.KeyId }]);
        Assert.That(Open(disguised), Does.Contain("does not verify"));
    }

    [Test]
    public void Lines_of_unknown_keys_are_ignored_beside_a_good_one()
    {
        using SigningKey witness = SigningKey.Generate();
        SignedNote ours = Signer.Sign("text\n");
        SignedNote theirs = new NoteSigner("witness.example", witness).Sign("text\n");
        Assert.That(Open(Note([theirs.Signatures[0] with { Signature = new byte[5000] }, .. ours.Signatures])), Is.Null);
    }

    [TestCase("text", "line feed")]
    [TestCase("text\n", "empty line")]
    [TestCase("text\n\n", "a signature after the empty line")]
    [TestCase("text\n\n{line}", "line feed")]
    [TestCase("text\n{line}\n", "empty line")]
    [TestCase("text\r\n\r\n{line}\r\n", "control character 0d at character 4")]
    [TestCase("text\n\n{line}\r\n", "control character 0d")]
    [TestCase("te\0xt\n\n{line}\n", "control character 00 at character 2")]
    [TestCase("text\n\n{line}\n{line}\n", "line 2: the key clob/test has signed above")]
    [TestCase("text\n\n{line}\n\n", "a signature after the empty line")]
    [TestCase("text\n\n{line}\ntrailing\n", "line 2: it does not begin with an em dash")]
    [TestCase("text\n\n{line} \n", "not standard base64")]
    [TestCase("text\n\n {line}\n", "does not begin with an em dash")]
    [TestCase("text\n\n- clob/test AAAAAAA=\n", "does not begin with an em dash")]
    [TestCase("text\n\n—\u00a0clob/test AAAAAAA=\n", "does not begin with an em dash")]
    [TestCase("text\n\n— clob/test\n", "no signature after the key name")]
    [TestCase("text\n\n—  AAAAAAA=\n", "key name is empty")]
    [TestCase("text\n\n— clob+test AAAAAAA=\n", "key name")]
    [TestCase("text\n\n— clob\u2003test AAAAAAA=\n", "key name")]
    [TestCase("text\n\n— clob/test AAAA AAA=\n", "not standard base64")]
    [TestCase("text\n\n— clob/test AAAAAAA\n", "not standard base64")]
    [TestCase("text\n\n— clob/test AAAAAAB=\n", "not standard base64")]
    [TestCase("text\n\n— clob/test AA-_AAA=\n", "not standard base64")]
    [TestCase("text\n\n— clob/test AAAAAA==\n", "has 4 bytes")]
    [TestCase("text\n\n— clob/test \n", "has 0 bytes")]
    public void A_malformed_note_is_refused_with_the_reason(string form, string reason)
    {
        string[] lines = Signer.Sign("text\n").ToString().Split('\n');
        string text = form.Replace("{line}", lines[2], StringComparison.Ordinal);
        Assert.That(Open(text, Signer.Verifier), Does.Contain(reason));
    }

    [Test]
    public void Bytes_that_are_not_UTF_8_are_refused() =>
        Assert.That(Open([(byte)'t', 0xc0, 0x80, (byte)'\n']), Does.Contain("UTF-8"));

    [Test]
    public void More_signatures_than_the_limit_are_refused()
    {
        NoteSignature[] signatures = Enumerable.Range(0, SignedNote.MaxSignatures)
            .Select(i => new NoteSignature("witness", (uint)i, new byte[64])).ToArray();
        SignedNote ours = Signer.Sign("text\n");
        Assert.That(Open(Note([.. signatures[1..], .. ours.Signatures])), Is.Null);
        Assert.That(Open(Note([.. signatures, .. ours.Signatures])), Does.Contain("at most 64"));
    }

    [TestCase("", "three parts")]
    [TestCase("name+00000000", "three parts")]
    [TestCase("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "name")]
    [TestCase("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "name")]
    [TestCase("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "give 'c74f20a3'")]
    [TestCase("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "give 'c74f20a3'")]
    [TestCase("PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "id")]
    [TestCase("PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "type 2")]
    [TestCase("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10", "33 bytes")]
    [TestCase("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n", "33 bytes")]
    public void A_malformed_verifier_key_is_refused_with_the_reason(string text, string reason)
    {
        Assert.That(NoteVerifier.TryParse(text, out _, out string? error), Is.False);
        Assert.That(error, Does.Contain(reason));
    }

    private static NoteVerifier VerifierOf(string text)
    {
        Assert.That(NoteVerifier.TryParse(text, out NoteVerifier? verifier, out string? error), Is.True, error);
        return verifier!;
    }

    /// <summary>The note of the text "text" with these signatures, whatever they are worth.</summary>
    private static byte[] Note(IEnumerable<NoteSignature> signatures)
    {
        StringBuilder note = new("text\n\n");
        foreach (NoteSignature signature in signatures)
        {
            byte[] keyId = BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(signature.KeyId));
            note.Append($"— {signature.KeyName} {Convert.ToBase64String([.. keyId, .. signature.Signature.Span])}\n");
        }
        return Encoding.UTF8.GetBytes(note.ToString());
    }

    private string? Open(byte[] bytes) => Open(bytes, Signer.Verifier);

    private static string? Open(string text, NoteVerifier verifier) => Open(Encoding.UTF8.GetBytes(text), verifier);

    /// <summary>Null if the note opens, otherwise the error.</summary>
    private static string? Open(byte[] bytes, NoteVerifier verifier) =>
        SignedNote.TryParse(bytes, out SignedNote? note, out string? error) && note!.Verify(verifier, out error) ? null : error ?? "no reason given";
}
