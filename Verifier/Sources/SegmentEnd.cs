using Clob.Journal;

namespace Clob.Verifier.Sources;

/// <summary>What stands behind a journal's last whole group, told apart with patience: somebody may be writing there.</summary>
internal static class SegmentEnd
{
    /// <summary>How long somebody may take to finish what looks damaged.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan JudgementDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>What to say of a torn end: it is no failure.</summary>
    public static string RemarkOn(in JournalEnd torn) =>
        $"{torn.SegmentPath} offset {torn.Offset}: the remains of a group that was cut off while it was written, or is being written now; it is not part of the journal";

    /// <summary>Looks at the end, after a read of <paramref name="reader"/> without a durable sequence returned false.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="patience">How long a last group that looks damaged may take to become whole.</param>
    /// <param name="failure">The damage; null when there is none.</param>
    public static JournalEnd Judge(JournalReader reader, TimeSpan patience, out Failure? failure)
    {
        failure = null;
        try
        {
            JournalEnd end = reader.ExamineEnd();
            for (TimeSpan waited = TimeSpan.Zero; waited < patience && end.Kind == JournalEndKind.Damaged; waited += JudgementDelay)
            {
                Thread.Sleep(JudgementDelay);
                end = reader.ExamineEnd();
            }
            if (end.Kind == JournalEndKind.Damaged)
            {
                failure = new Failure(ExitCode.Damaged, $"the group that begins with sequence {reader.NextSequence}, since no part of it is missing", "bytes whose checksum does not match")
                {
                    Sequence = (ulong)reader.NextSequence,
                    Segment = end.SegmentPath,
                    Offset = end.Offset,
                };
            }
            return end;
        }
        catch (JournalDamagedException damage)
        {
            failure = DataDirectory.FailureOf(damage);
            return new JournalEnd(JournalEndKind.Damaged, damage.SegmentPath, damage.Offset, 0);
        }
    }
}
