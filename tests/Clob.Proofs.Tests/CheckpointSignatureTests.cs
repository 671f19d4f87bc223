using System.Text;
using Clob.Protocol;

namespace Clob.Proofs.Tests;

public sealed class CheckpointSignatureTests
{
    private readonly SigningKey _logKey = SigningKey.FromSeed(Hash256.Of("log key"u8).Bytes);

    [OneTimeTearDown]
    public void DisposeKey() => _logKey.Dispose();

    private CheckpointSigner Signer => new(CheckpointExamples.Venue, _logKey);

    private CheckpointVerifier Verifier => new(CheckpointExamples.Venue, VerifyingKey.TryImport(_logKey.PublicKey)!);

    private string Name => VenueLog.RecordName(CheckpointExamples.Venue);

    [Test]
    public void Opens_what_it_signed_and_signs_the_same_bytes_again()
    {
        CheckpointRecord record = CheckpointExamples.First();
        byte[] note = Signer.Sign(record);
        Assert.That(Verifier.TryOpen(note, out CheckpointRecord? opened, out _, out string? error), Is.True, error);
        Assert.That(opened, Is.EqualTo(record));
        Assert.That(Signer.Sign(opened!), Is.EqualTo(note));
        Assert.That(Encoding.UTF8.GetString(note), Does.Contain($"\n\n— {Name} "));
        Assert.That(Verifier.VerifierKey, Does.StartWith(Name + "+"));
    }

    [Test]
    public void The_names_hold_the_first_16_digits_of_the_venue_id()
    {
        Hash256 venue = Hash256.Parse("0123456789abcdef" + new string('7', 48));
        Assert.That(VenueLog.RecordName(venue), Is.EqualTo("clob/0123456789abcdef"));
        Assert.That(VenueLog.JournalOrigin(venue), Is.EqualTo("clob/0123456789abcdef/journal"));
        Assert.That(VenueLog.CheckpointsOrigin(venue), Is.EqualTo("clob/0123456789abcdef/checkpoints"));
    }

    [Test]
    public void Every_flipped_bit_and_every_truncation_is_refused()
    {
        byte[] note = Signer.Sign(CheckpointExamples.First());
        for (int i = 0; i < note.Length; i++)
        {
            Refused(note[..i]);
            note[i] ^= (byte)(1 << (i % 8));
            Refused(note);
            note[i] ^= (byte)(1 << (i % 8));
        }
        Assert.That(Verifier.TryOpen(note, out _, out _, out _), Is.True, "all bits are back");
    }

    [Test]
    public void Another_key_is_a_bad_signature()
    {
        using SigningKey other = SigningKey.Generate();
        byte[] note = new CheckpointSigner(CheckpointExamples.Venue, other).Sign(CheckpointExamples.First());
        Refused(note, CheckpointFaultKind.BadSignature, "no signature by " + Name);
    }

    [Test]
    public void Altered_text_under_the_old_signature_is_a_bad_signature()
    {
        string note = Encoding.UTF8.GetString(Signer.Sign(CheckpointExamples.First()));
        Refused(Encoding.UTF8.GetBytes(note.Replace("sequence 9\n", "sequence 8\n", StringComparison.Ordinal)),
            CheckpointFaultKind.BadSignature, "does not verify");
    }

    [TestCase("number 1\n", "number 01\n", "line 3")]
    [TestCase("number 1\n", "number 1\nnumber 1\n", "line 4")]
    [TestCase("number 1\nsequence 9\n", "sequence 9\nnumber 1\n", "line 3")]
    [TestCase("da 7\n", "da 7\ncomment\n", "line 13")]
    public void Another_form_is_refused_although_the_log_key_signed_it(string found, string replacement, string reason)
    {
        string text = CheckpointExamples.First().ToString();
        byte[] note = new NoteSigner(Name, _logKey).Sign(text.Replace(found, replacement, StringComparison.Ordinal)).ToBytes();
        Refused(note, CheckpointFaultKind.Malformed, reason);
    }

    [Test]
    public void Signatures_of_the_log_key_under_its_other_names_do_not_serve()
    {
        string text = CheckpointExamples.First().ToString();
        byte[] note = new NoteSigner(VenueLog.JournalOrigin(CheckpointExamples.Venue), _logKey).Sign(text).ToBytes();
        Refused(note, CheckpointFaultKind.BadSignature, "no signature by " + Name);
    }

    [Test]
    public void The_head_of_a_log_is_not_taken_for_a_record()
    {
        LogHead head = new(Name, 10, Hash256.Of("journal"u8));
        Refused(new NoteSigner(Name, _logKey).Sign(head.ToString()).ToBytes(), CheckpointFaultKind.Malformed, "line 1");
    }

    [Test]
    public void A_second_signature_is_refused()
    {
        using SigningKey witness = SigningKey.Generate();
        CheckpointRecord record = CheckpointExamples.First();
        string line = new NoteSigner("witness.example", witness).Sign(record.ToString()).ToString().Split("\n\n")[1];
        byte[] note = [.. Signer.Sign(record), .. Encoding.UTF8.GetBytes(line)];
        Refused(note, CheckpointFaultKind.Malformed, "2 signatures");
    }

    [Test]
    public void A_venue_that_shares_the_first_digits_is_another_venue()
    {
        Hash256 alike = Hash256.Parse(CheckpointExamples.Venue.ToString()[..16] + new string('0', 48));
        byte[] note = new CheckpointSigner(alike, _logKey).Sign(CheckpointExamples.Change(CheckpointExamples.First(), venue: alike));
        Refused(note, CheckpointFaultKind.BrokenChain, $"of venue {alike}");
        Assert.That(() => Signer.Sign(CheckpointExamples.Change(CheckpointExamples.First(), venue: alike)), Throws.ArgumentException);
    }

    [Test]
    public void Venue_and_log_key_come_from_the_genesis_record()
    {
        byte[] genesis = GenesisWith(_logKey.PublicKey.ToArray());
        CheckpointVerifier? verifier = CheckpointVerifier.FromGenesis(genesis);
        Assert.That(verifier?.Venue, Is.EqualTo(Hash256.Of(genesis)));
        byte[] note = new CheckpointSigner(verifier!.Venue, _logKey).Sign(CheckpointExamples.Change(CheckpointExamples.First(), venue: verifier.Venue));
        Assert.That(verifier.TryOpen(note, out _, out _, out string? error), Is.True, error);
    }

    [Test]
    public void A_record_that_is_no_genesis_gives_no_verifier()
    {
        byte[] genesis = GenesisWith(_logKey.PublicKey.ToArray());
        Assert.That(CheckpointVerifier.FromGenesis([]), Is.Null);
        Assert.That(CheckpointVerifier.FromGenesis(genesis.AsSpan(0, genesis.Length - 1)), Is.Null);
        Assert.That(CheckpointVerifier.FromGenesis([(byte)RecordKind.Mark, .. genesis[1..]]), Is.Null);
        Assert.That(CheckpointVerifier.FromGenesis([.. genesis[..8], 1, .. genesis[9..]]), Is.Null, "sequence 1");
        Assert.That(CheckpointVerifier.FromGenesis(GenesisWith(new byte[32])), Is.Null, "a key of small order");
    }

    private static byte[] GenesisWith(byte[] logKey) => new Genesis
    {
        Salt = new byte[32],
        OperatorKey = new byte[32],
        LogKey = logKey,
        EngineVersion = 1,
        EngineHash = new byte[32],
    }.ToRecord(time: 1);

    private void Refused(byte[] note) => Assert.That(Verifier.TryOpen(note, out _, out _, out _), Is.False);

    private void Refused(byte[] note, CheckpointFaultKind kind, string reason)
    {
        Assert.That(Verifier.TryOpen(note, out CheckpointRecord? record, out CheckpointFaultKind fault, out string? error), Is.False);
        Assert.That(record, Is.Null);
        Assert.That(error, Does.Contain(reason));
        Assert.That(fault, Is.EqualTo(kind));
    }
}
