using Clob.Protocol;
using static Clob.Proofs.Tests.CheckpointExamples;

namespace Clob.Proofs.Tests;

public sealed class CheckpointChainTests
{
    private readonly SigningKey _logKey = SigningKey.FromSeed(Hash256.Of("log key"u8).Bytes);

    [OneTimeTearDown]
    public void DisposeKey() => _logKey.Dispose();

    private CheckpointVerifier Verifier => new(Venue, VerifyingKey.TryImport(_logKey.PublicKey)!);

    private CheckpointSigner Signer => new(Venue, _logKey);

    [Test]
    public void A_chain_of_signed_records_holds()
    {
        CheckpointChain chain = new(Verifier);
        CheckpointRecord record = First();
        for (ulong number = 1; number <= 5; number++)
        {
            Assert.That(chain.NextNumber, Is.EqualTo(number));
            Assert.That(chain.NextPrevious, Is.EqualTo(record.Previous));
            Assert.That(chain.Append(Signer.Sign(record)), Is.Null);
            Assert.That(chain.Last, Is.EqualTo(record));
            record = After(record);
        }
    }

    [Test]
    public void Batches_may_come_with_any_later_checkpoint()
    {
        CheckpointRecord first = Change(First(), daSize: 0, batches: []);
        CheckpointRecord second = After(first);
        CheckpointRecord third = Change(After(second), daSize: 30, batches: [Batch(0, 10), Batch(10, 1), Batch(11, 19)]);
        CheckpointRecord fourth = Change(After(third), daSize: 46, batches: [Batch(30, 16)]);
        CheckpointChain chain = new(Verifier);
        foreach (CheckpointRecord record in new[] { first, second, third, fourth })
            Assert.That(chain.Append(record), Is.Null);
        Assert.That(fourth.DaSize, Is.EqualTo(fourth.JournalSize), "up to the Mark itself");
    }

    [Test]
    public void A_chain_goes_on_after_a_trusted_record()
    {
        CheckpointRecord second = After(First());
        Assert.That(new CheckpointChain(Verifier, First()).Append(Signer.Sign(second)), Is.Null);
        Assert.That(new CheckpointChain(Verifier, second).Append(Signer.Sign(second))?.Reason, Does.Contain("number is 2, expected 3"));
        Assert.That(() => new CheckpointChain(Verifier, Change(second, venue: Hash256.Of([]))), Throws.ArgumentException);
    }

    private static IEnumerable<TestCaseData> BrokenFirst()
    {
        yield return Case("number 2", Change(First(), number: 2), "number is 2, expected 1");
        yield return Case("previous not zeros", Change(First(), previous: Hash256.Of([])), "previous is e3b0");
        yield return Case("sequence before the last", Change(First(), sequence: 8), "sequence 8 in a journal of 10");
        yield return Case("sequence after the last", Change(First(), sequence: 10), "sequence 10 in a journal of 10");
        yield return Case("empty journal", Change(First(), sequence: ulong.MaxValue, journalSize: 0), "in a journal of 0");
        yield return Case("DA size beyond the journal", Change(First(), daSize: 11, batches: [Batch(0, 11)]), "DA size is 11, the journal has 10");
        yield return Case("no batches", Change(First(), batches: []), "the batches reach 0 records, DA size is 7");
        yield return Case("batch from 1", Change(First(), batches: [Batch(1, 6)]), "begins at sequence 1, expected 0");
        yield return Case("gap", Change(First(), batches: [Batch(0, 4), Batch(5, 2)]), "begins at sequence 5, expected 4");
        yield return Case("overlap", Change(First(), batches: [Batch(0, 4), Batch(3, 4)]), "begins at sequence 3, expected 4");
        yield return Case("reordered", Change(First(), batches: [Batch(4, 3), Batch(0, 4)]), "begins at sequence 4, expected 0");
        yield return Case("too short", Change(First(), batches: [Batch(0, 6)]), "reach 6 records, DA size is 7");
        yield return Case("too long", Change(First(), batches: [Batch(0, 8)]), "has 8 records, expected 1 to 7");
        yield return Case("one too many", Change(First(), batches: [Batch(0, 7), Batch(7, 1)]), "has 1 records, expected 1 to 0");
        yield return Case("huge count", Change(First(), batches: [Batch(0, 4), Batch(4, ulong.MaxValue)]), "expected 1 to 3");
        yield return Case("empty batch", Change(First(), batches: [Batch(0, 0), Batch(0, 7)]), "has 0 records");
    }

    [TestCaseSource(nameof(BrokenFirst))]
    public void A_broken_first_checkpoint_is_named(CheckpointRecord record, string reason)
    {
        CheckpointFault? fault = new CheckpointChain(Verifier).Append(record);
        Assert.That(fault?.Reason, Does.Contain(reason));
        Assert.That(fault!.Number, Is.EqualTo(1));
        Assert.That(fault.Kind, Is.EqualTo(CheckpointFaultKind.BrokenChain));
    }

    private static IEnumerable<TestCaseData> BrokenThird()
    {
        CheckpointRecord second = After(First());
        CheckpointRecord third = After(second);
        yield return Case("the second again", second, "number is 2, expected 3");
        yield return Case("number skipped", Change(third, number: 4), "number is 4, expected 3");
        yield return Case("previous of the first", Change(third, previous: First().CoreHash()), "previous is");
        yield return Case("previous zeros", Change(third, previous: default(Hash256)), "expected " + second.CoreHash());
        yield return Case("another venue", Change(third, venue: Hash256.Of([])), "venue is");
        yield return Case("journal the same", Change(third, sequence: 21, journalSize: 22), "journal size is 22, expected more than the 22");
        yield return Case("journal shrunk", Change(third, sequence: 20, journalSize: 21), "journal size is 21, expected more than the 22");
        yield return Case("time the same", Change(third, time: second.Time), "expected more than");
        yield return Case("time back", Change(third, time: second.Time - 1), "expected more than");
        yield return Case("DA size shrunk", Change(third, daSize: 6), "DA size is 6, expected no less than the 7");
        yield return Case("batches told again", Change(third, daSize: 7, batches: First().Batches), "begins at sequence 0, expected 7");
        yield return Case("history of the first changed", Change(third, previous: After(Change(First(), stateRoot: default(Hash256))).CoreHash()), "previous is");
    }

    [TestCaseSource(nameof(BrokenThird))]
    public void A_broken_link_is_named_and_nothing_after_it_holds(CheckpointRecord record, string reason)
    {
        CheckpointRecord second = After(First());
        CheckpointChain chain = new(Verifier);
        Assert.That(chain.Append(First()), Is.Null);
        Assert.That(chain.Append(second), Is.Null);

        CheckpointFault? fault = chain.Append(record);
        Assert.That(fault?.Reason, Does.Contain(reason));
        Assert.That(fault!.Number, Is.EqualTo(3));
        Assert.That(fault.ToString(), Does.StartWith("checkpoint 3: "));
        Assert.That(chain.Last, Is.EqualTo(second));
        Assert.That(chain.Append(After(second)), Is.SameAs(fault));
        Assert.That(chain.Append(Signer.Sign(After(second))), Is.SameAs(fault));
        Assert.That(new CheckpointChain(Verifier, second).Append(After(second)), Is.Null, "control: the right third one holds");
    }

    [Test]
    public void A_wrong_signature_and_damage_are_told_apart_from_a_broken_link()
    {
        using SigningKey other = SigningKey.Generate();
        byte[] forged = new CheckpointSigner(Venue, other).Sign(First());
        Assert.That(new CheckpointChain(Verifier).Append(forged)?.Kind, Is.EqualTo(CheckpointFaultKind.BadSignature));
        Assert.That(new CheckpointChain(Verifier).Append("rubbish"u8)?.Kind, Is.EqualTo(CheckpointFaultKind.Malformed));
    }

    private static TestCaseData Case(string name, CheckpointRecord record, string reason) => new TestCaseData(record, reason).SetArgDisplayNames(name, reason);
}
