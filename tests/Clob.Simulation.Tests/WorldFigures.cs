using System.Globalization;

namespace Clob.Simulation.Tests;

/// <summary>What happened in a world, or in many: a simulation that never lost a write or resent an envelope would have shown nothing.</summary>
internal sealed class WorldFigures
{
    public long Worlds { get; set; } = 1;
    public long Crashes { get; set; }
    public long CrashesDuringStart { get; set; }
    public long FailedOperations { get; set; }
    public long CutGroups { get; set; }
    public long LostSectors { get; set; }
    public long TornFiles { get; set; }
    public long Records { get; set; }
    public long Envelopes { get; set; }
    public long Commands { get; set; }
    public long Resent { get; set; }
    public long Duplicates { get; set; }
    public long Executions { get; set; }
    public long Reports { get; set; }
    public long UnacknowledgedRecordsLost { get; set; }

    public void Add(WorldFigures other)
    {
        foreach (var figure in typeof(WorldFigures).GetProperties())
            figure.SetValue(this, (long)figure.GetValue(this)! + (long)figure.GetValue(other)!);
    }

    public override string ToString() => string.Join(
        ", ", typeof(WorldFigures).GetProperties().Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.GetValue(this):N0}")));
}
