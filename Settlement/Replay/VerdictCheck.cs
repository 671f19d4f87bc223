using Clob.Engine;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>
/// Holds the journal's Verdict records against what replay found. A Verdict is what recovery trusts, so one that says anything else
/// than the truth, or leaves a gap, is a journal that no honest venue wrote.
/// </summary>
internal sealed class VerdictCheck
{
    private readonly Queue<ulong> _invalid = new();
    private ulong _covered;

    /// <summary>Remembers a record whose signature was found invalid.</summary>
    public void Note(ulong sequence, ApplyResult result)
    {
        if (result == ApplyResult.BadSignature)
            _invalid.Enqueue(sequence);
    }

    /// <summary>Compares a Verdict with what was remembered, and forgets what it covers.</summary>
    /// <exception cref="ReplayRefusedException">It does not say what replay found.</exception>
    public void Compare(ulong sequence, ReadOnlySpan<byte> payload)
    {
        if (!Verdict.TryRead(payload, out Verdict verdict))
            throw new ReplayRefusedException(sequence, "a verdict", "another payload");
        if (verdict.From != _covered || verdict.Through >= sequence)
            throw new ReplayRefusedException(sequence, $"a verdict from record {_covered} to at most {sequence - 1}", $"one from {verdict.From} to {verdict.Through}");
        for (int i = 0; i < verdict.Count; i++)
        {
            ulong listed = verdict.InvalidAt(i);
            if (!_invalid.TryPeek(out ulong found) || found != listed)
                throw new ReplayRefusedException(sequence, Expected(verdict.Through), $"an invalid signature at record {listed}");
            _invalid.Dequeue();
        }
        if (_invalid.TryPeek(out ulong missing) && missing <= verdict.Through)
            throw new ReplayRefusedException(sequence, Expected(verdict.Through), $"none listed at record {missing}");
        _covered = verdict.Through + 1;
    }

    private string Expected(ulong through) =>
        _invalid.TryPeek(out ulong next) && next <= through ? $"an invalid signature at record {next}" : $"no more invalid signatures up to record {through}";
}
