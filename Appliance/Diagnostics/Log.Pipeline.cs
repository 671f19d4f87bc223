using Clob.Proofs;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance.Diagnostics;

/// <summary>Messages of recovery and pipeline (400-499).</summary>
internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Information, "replayed {Records} of {Total} records, {Percent} %")]
    internal static partial void Replayed(ILogger logger, ulong records, ulong total, ulong percent);

    [LoggerMessage(401, LogLevel.Warning, "the journal's last group was torn and is cut: {Segment} from offset {Offset}, {Length} bytes; record {Sequence} comes anew")]
    internal static partial void JournalCut(ILogger logger, string segment, long offset, long sequence, long length);

    [LoggerMessage(402, LogLevel.Information, "recovered {Records} records, of which the snapshot stands for {Saved}; {Rechecked} signatures behind the last verdict were checked again")]
    internal static partial void Recovered(ILogger logger, ulong records, ulong saved, ulong rechecked);

    [LoggerMessage(403, LogLevel.Error, "the stop was cut short: pipeline drained {Drained}, settlement caught up {Settled}; the next start makes up for it")]
    internal static partial void StopIncomplete(ILogger logger, bool drained, bool settled);

    [LoggerMessage(404, LogLevel.Information, "live and replayed state agree: {Root} after {Records} records")]
    internal static partial void StatesAgree(ILogger logger, Hash256 root, ulong records);

    [LoggerMessage(405, LogLevel.Warning, "{Journal} held no journal: this is a new venue under the keys that {Keys} held already")]
    internal static partial void NewVenueUnderFormerKeys(ILogger logger, string journal, string keys);

    [LoggerMessage(406, LogLevel.Error, "the last record's time is {Time}, ahead of this host's clock: until the clock gets there, time stands nearly still for deadlines and expiries. Set the clock right")]
    internal static partial void TimeAhead(ILogger logger, string time);

    [LoggerMessage(407, LogLevel.Error, "the next segment of the journal cannot be made, so cancels only are taken from now on; make room: {Obstacle}")]
    internal static partial void CancelsOnly(ILogger logger, string obstacle);

    [LoggerMessage(408, LogLevel.Warning, "the next segment of the journal is made: everything is taken again")]
    internal static partial void CancelsOnlyEnds(ILogger logger);

    [LoggerMessage(409, LogLevel.Information, "checked {Records} records of the journal, {Percent} % of its bytes")]
    internal static partial void Checked(ILogger logger, long records, int percent);
}
