using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>A venue whose plane takes a snapshot at each Mark, and what tests of snapshots ask of it.</summary>
public abstract class SnapshotFixture
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private protected TestVenue _venue = null!;
    private protected HeardLog _log = null!;

    private protected string Snapshots => VenueSnapshot.DirectoryIn(_venue.Directory);

    [SetUp]
    public void SetUp()
    {
        _venue = new TestVenue().Open();
        _log = new HeardLog();
    }

    [TearDown]
    public void TearDown() => _venue.Dispose();

    private protected SettlementOptions Often => _venue.Options with { SnapshotInterval = TimeSpan.Zero };

    private protected StartingPoint Find() => StartingPoint.Find(_venue.Directory, _venue.Venue, ExchangeCapacity.Small, _log);

    private protected VenueSnapshot Load(IStorage storage, Func<CheckpointRecord, CheckpointVerifier, string?>? judge = null) =>
        VenueSnapshot.Load(Snapshots, _venue.Size, _venue.Venue, ExchangeCapacity.Small, judge, storage);

    private protected static Hash256 Root(Exchange exchange) => StateRoot.Of(exchange, new StateCommitmentBuilder());

    private protected async Task TradeAndRun(int marks)
    {
        for (int i = 0; i < marks; i++)
        {
            _venue.Trade();
            _venue.Mark();
        }
        await RunToEnd(Often);
    }

    private protected async Task<ulong> RunToEnd(SettlementOptions options)
    {
        using FileLedger ledger = _venue.Ledger();
        await using SettlementPlane plane = _venue.Plane(ledger, options, logger: _log);
        plane.Start();
        Assert.That(await plane.StopAsync(Patience), Is.True);
        return plane.Replica.Audits;
    }

    private protected void AssertArchivesHoldEverything()
    {
        using var archives = new VenueArchives(_venue.Directory);
        Assert.That(archives.WhatIsMissing(_venue.Live), Is.Null);
        foreach (IGrouping<ulong, ExchangeEvent> account in _venue.Events.Where(happened => happened.ReportSequence != 0).GroupBy(happened => happened.Account))
        {
            byte[] expected = [.. account.SelectMany(happened =>
            {
                byte[] report = new byte[ExchangeEvent.ReportSize];
                happened.WriteReport(report);
                return report;
            })];
            byte[] found = new byte[expected.Length];
            Assert.That(archives.Reports.Read(account.Key, 1, found), Is.EqualTo(expected.Length));
            Assert.That(found.AsSpan().SequenceEqual(expected), Is.True, $"reports of account {account.Key}");
        }
    }

    private protected void Flip(long journalSize, int at) => FlipByte(SnapshotDirectory.PathOf(Snapshots, journalSize), at);

    private protected static void FlipByte(string path, int at)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private protected static int LastNonZero(byte[] bytes) => Array.FindLastIndex(bytes, value => value != 0);
}
