using Clob.Proofs;
using Clob.Verifier.Audit;
using Microsoft.Win32.SafeHandles;

namespace Clob.Verifier.Tests;

/// <summary>One flipped bit anywhere that counts makes the verifier fail and name the file. One bit of every byte, another one from byte to byte.</summary>
public sealed class FlippedBitTests
{
    private const int Workers = 2;

    [Test]
    public void In_a_segment_up_to_the_end_of_its_last_group()
    {
        // One segment: a header and three groups of one block, the last of which lies behind the last checkpoint. Few signatures, for
        // each flip costs a verification.
        using VenueOnDisk venue = new VenueOnDisk(recordsPerGroup: 5, segmentSize: 24 * 1024).Open(users: 1).Mark();
        venue.Send(1, new Protocol.CancelAll());
        venue.Commit();
        using Copy first = venue.CopyData();
        int end = File.ReadAllBytes(first.Segments.Single()).AsSpan().LastIndexOfAnyExcept((byte)0) / 4096 * 4096 + 4096;
        Assert.That(end, Is.EqualTo(4 * 4096));

        FlipEach(venue, RecordSourceKind.Segments, copy => copy.Segments.Single(), end, ExitCode.Damaged);
    }

    [Test]
    public void In_the_ledger()
    {
        using VenueOnDisk venue = new VenueOnDisk(recordsPerGroup: 100).Open().Trade().Trade(101);
        using Copy first = venue.CopyData();
        FlipEach(venue, RecordSourceKind.Segments, copy => copy.LedgerFile, (int)new FileInfo(first.LedgerFile).Length, ExitCode.Damaged);
    }

    [Test]
    public void In_a_checkpoint_whose_ledger_entry_was_made_to_fit()
    {
        using VenueOnDisk venue = new VenueOnDisk(recordsPerGroup: 100).Open().Trade();
        byte[] note;
        using (Copy copy = venue.CopyData())
            note = copy.Notes.Single();
        CheckpointVerifier verifier = CheckpointVerifier.FromGenesis(venue.Records[0])!;
        for (int offset = 0; offset < note.Length; offset++)
        {
            byte[] flipped = [.. note];
            flipped[offset] ^= (byte)(1 << (offset % 8));
            using var ledger = new LedgerReader([flipped], "ledger");
            ledger.Trust(verifier);
            Assert.That(ledger.HasNext(), Is.True);
            Failure? failure = Assert.Catch<VerificationFailedException>(() => ledger.Take(), $"byte {offset}")?.Failure;
            Assert.That(failure!.Code, Is.EqualTo(ExitCode.BadSignature).Or.EqualTo(ExitCode.Damaged), $"byte {offset}: {failure}");
            Assert.That(failure.Checkpoint, Is.EqualTo(1), $"byte {offset}");
        }
        using var untouched = new LedgerReader([note], "ledger");
        untouched.Trust(verifier);
        Assert.That(untouched.HasNext() && untouched.Take().Number == 1, Is.True);
    }

    [Test]
    public void In_a_batch()
    {
        using VenueOnDisk venue = new VenueOnDisk(recordsPerGroup: 100).Open().Trade();
        using Copy first = venue.CopyData();
        FlipEach(venue, RecordSourceKind.Da, copy => copy.Batches.Single(), (int)new FileInfo(first.Batches.Single()).Length, ExitCode.Damaged);
    }

    /// <summary>Each worker has a copy of its own, flips a bit in place, verifies, and flips it back.</summary>
    private static void FlipEach(VenueOnDisk venue, RecordSourceKind source, Func<Copy, string> file, int length, ExitCode code)
    {
        Parallel.For(0, Workers, worker =>
        {
            using Copy copy = venue.CopyData();
            string path = file(copy);
            Assert.That(TamperingTests.Verify(copy, source).Failure, Is.Null, "the untouched copy passes");
            byte[] bytes = File.ReadAllBytes(path);
            using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            for (int offset = worker; offset < length; offset += Workers)
            {
                bytes[offset] ^= (byte)(1 << (offset / Workers % 8));
                RandomAccess.Write(handle, bytes.AsSpan(offset, 1), offset);
                VerificationResult result = TamperingTests.Verify(copy, source);
                bytes[offset] ^= (byte)(1 << (offset / Workers % 8));
                RandomAccess.Write(handle, bytes.AsSpan(offset, 1), offset);
                if (result.Code != code || result.Failure!.Segment is not { } named || !(named == path || named.EndsWith(Path.GetFileName(path), StringComparison.Ordinal)))
                    Assert.Fail($"byte {offset}, bit {offset / Workers % 8}: {result.Failure?.ToString() ?? "passed"}");
            }
            Assert.That(TamperingTests.Verify(copy, source).Failure, Is.Null, "the restored copy passes");
        });
    }
}
