using Clob.Engine;
using Clob.Journal.Tests.Simulation;
using Clob.Matching.Tests;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>A venue that was loaded from a snapshot does with every later record what one does that has seen all of them.</summary>
public sealed class SnapshotReplayTests
{
    private const string Snapshots = "/simulated/snapshots";

    private static readonly int Seed = ReferenceTests.Seed;

    private static IEnumerable<TestCaseData> Cases() =>
        new[] { Shape.Crowded, Shape.Poor, Shape.Extreme, Shape.Sparse }.Select(shape => new TestCaseData(shape).SetArgDisplayNames(shape.Name));

    [TestCaseSource(nameof(Cases))]
    public void Goes_on_behind_any_mark_as_if_it_had_replayed_everything(object shape)
    {
        var journal = ReferenceTests.JournalOf((Shape)shape, Seed, 800);
        var storage = new SimulatedStorage();
        var whole = new Run(new ReplayedVenue(ExchangeCapacity.Small));
        var marks = new List<(ulong Size, int Events, int Checkpoints)>();
        for (int i = 0; i < journal.Count; i++)
        {
            if (!whole.Apply(journal[i]))
                continue;
            Take(storage, whole.Venue);
            marks.Add(((ulong)i + 1, whole.Events.Count, whole.Checkpoints.Count));
        }
        TestContext.Out.WriteLine($"seed {Seed} (CLOB_SEED), {journal.Count} records, {marks.Count} marks");
        Assert.That(marks, Is.Not.Empty);
        foreach ((ulong size, int events, int checkpoints) in marks)
        {
            VenueSnapshot snapshot = VenueSnapshot.Load(Snapshots, size, whole.Venue.Venue, ExchangeCapacity.Small, storage: storage);
            var tail = new Run(new ReplayedVenue(snapshot));
            foreach ((byte[], bool) record in journal[(int)size..])
                tail.Apply(record);
            Assert.That(tail.Events.SequenceEqual(whole.Events[events..]), Is.True, $"events behind {size} records");
            Assert.That(tail.Checkpoints, Is.EqualTo(whole.Checkpoints[checkpoints..]), $"checkpoints behind {size} records");
            Assert.That(tail.Venue.JournalRoot, Is.EqualTo(whole.Venue.JournalRoot));
            Assert.That(RootOf(tail.Venue), Is.EqualTo(RootOf(whole.Venue)), $"state behind {size} records");
        }
    }

    [Test]
    public void The_comparison_notices_a_state_that_is_another()
    {
        // Two venues of one id and size.
        const int size = 150;
        var (mine, others) = (ReferenceTests.JournalOf(Shape.Crowded, 1, 200), ReferenceTests.JournalOf(Shape.Crowded, 2, 200));
        var (one, other) = (new Run(new ReplayedVenue(ExchangeCapacity.Small)), new Run(new ReplayedVenue(ExchangeCapacity.Small)));
        mine[..size].ForEach(record => one.Apply(record));
        others[..size].ForEach(record => other.Apply(record));
        Assert.That(one.Venue.Venue, Is.EqualTo(other.Venue.Venue));
        Assert.That(RootOf(one.Venue), Is.Not.EqualTo(RootOf(other.Venue)));
        Assert.That(one.Events.SequenceEqual(other.Events), Is.False);
    }

    [Test]
    public void Is_taken_behind_a_mark_only()
    {
        var run = new Run(new ReplayedVenue(ExchangeCapacity.Small));
        var journal = ReferenceTests.JournalOf(Shape.Crowded, 3, 20);
        journal.Where(record => Kind(record) != RecordKind.Mark).Take(1).ToList().ForEach(record => run.Apply(record));
        Assert.That(() => Take(new SimulatedStorage(), run.Venue), Throws.InvalidOperationException);
    }

    private static RecordKind Kind((byte[] Record, bool IsValid) record) =>
        RecordHeader.TryRead(record.Record, out RecordHeader header, out _) ? header.Kind : throw new InvalidDataException();

    private static Hash256 RootOf(ReplayedVenue venue) => StateRoot.Of(venue.Exchange, new StateCommitmentBuilder());

    private static void Take(SimulatedStorage storage, ReplayedVenue venue)
    {
        using var writer = new Clob.Journal.SnapshotWriter(Snapshots, venue.Venue.Bytes, (long)venue.JournalSize, storage);
        VenueSnapshot.Write(writer, venue);
        writer.Complete();
        writer.Publish();
    }

    private sealed class Run(ReplayedVenue venue)
    {
        public ReplayedVenue Venue { get; } = venue;

        public List<ExchangeEvent> Events { get; } = [];

        public List<string> Checkpoints { get; } = [];

        /// <summary>True at a Mark.</summary>
        public bool Apply((byte[] Record, bool IsValid) record)
        {
            var sink = new TestVenue.ListSink(Events);
            bool isEnvelope = Kind(record) == RecordKind.Envelope;
            CheckpointRecord? checkpoint = Venue.Apply(record.Record, isEnvelope ? SignatureHint.Settled(record.IsValid) : SignatureHint.None, ref sink);
            if (checkpoint is not null)
                Checkpoints.Add(checkpoint.CoreText());
            return checkpoint is not null;
        }
    }
}
