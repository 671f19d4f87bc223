namespace Clob.Appliance.OrderEntry;

/// <summary>
/// How long accounts must wait before they log in again because sessions of theirs were closed for a bad signature. A login proves a session
/// token, not a key, and an envelope with a bad signature stays in the journal; without a wait, reconnecting would fill it for nothing.
/// <para>
/// Offences are counted per account. The first that is not forgiven is free; behind the second comes the shortest pause, behind each further one
/// twice the pause of before, up to the longest. While there are two or more, a login that is let in is followed by the same pause: the next
/// offender comes no sooner. One offence is forgiven each time that the longest pause has gone by without another.
/// </para>
/// <para>
/// Offences hang on the generation of the token by which the session logged in: whoever's token was stolen is free of the thief's offences with
/// a new token. Without an account's token nobody can make it wait. One thread.
/// </para>
/// </summary>
internal sealed class LoginPauses
{
    /// <summary>
    /// Most accounts that are remembered, under 1 MiB. Beyond it the one with the fewest offences is forgotten: to be forgotten by others'
    /// offences takes the tokens of as many accounts, each registered by the operator.
    /// </summary>
    public const int Capacity = 16_384;

    private readonly Dictionary<ulong, Offender> _offenders = [];
    private readonly long _shortest;
    private readonly long _longest;

    /// <param name="shortest">Pause behind the second offence, in ticks of the clock; 0 for no pauses at all.</param>
    /// <param name="longest">No pause is longer; also the quiet time for which one offence is forgiven.</param>
    public LoginPauses(long shortest, long longest)
    {
        _shortest = shortest;
        _longest = Math.Max(shortest, longest);
    }

    /// <summary>Accounts that are remembered.</summary>
    public int Count => _offenders.Count;

    /// <summary>A session of the account that logged in by a token of this generation sent a bad signature. Once per session.</summary>
    public void Note(ulong account, uint generation, long now)
    {
        if (_shortest == 0)
            return;
        if (!_offenders.TryGetValue(account, out Offender offender))
            MakeRoom(now);
        else if (offender.Generation > generation)
            return; // by a token that is worthless: it can log nobody in any more
        else if (offender.Generation < generation)
            offender = default;

        offender = Forgive(offender, now);
        int offences = offender.Offences + 1;
        _offenders[account] = new Offender(generation, offences, CountedAt: now, ResumesAt: Math.Max(offender.ResumesAt, now + PauseAfter(offences)));
    }

    /// <summary>Whether a login by a token of this generation may pass now. One that passes counts: the next may have to wait for it.</summary>
    public bool TryPass(ulong account, uint generation, long now)
    {
        if (_offenders.Count == 0 || !_offenders.TryGetValue(account, out Offender offender) || offender.Generation != generation)
            return true;
        offender = Forgive(offender, now);
        if (offender.Offences == 0)
        {
            _offenders.Remove(account);
            return true;
        }

        if (now < offender.ResumesAt)
            return false;
        _offenders[account] = offender with { ResumesAt = now + PauseAfter(offender.Offences) };
        return true;
    }

    private long PauseAfter(int offences)
    {
        if (offences < 2)
            return 0;
        int doublings = offences - 2;
        return doublings < 62 && _shortest <= _longest >> doublings ? _shortest << doublings : _longest;
    }

    private Offender Forgive(in Offender offender, long now)
    {
        if (offender.Offences == 0)
            return offender;
        long quiet = (now - offender.CountedAt) / _longest;
        return quiet >= offender.Offences
            ? default
            : offender with { Offences = offender.Offences - (int)quiet, CountedAt = offender.CountedAt + quiet * _longest };
    }

    private void MakeRoom(long now)
    {
        if (_offenders.Count < Capacity)
            return;
        ulong fewest = 0;
        int offences = int.MaxValue;
        foreach ((ulong account, Offender offender) in _offenders)
        {
            int left = Forgive(offender, now).Offences;
            if (left == 0)
                _offenders.Remove(account); // allowed while enumerating
            else if (left < offences)
                (fewest, offences) = (account, left);
        }

        if (_offenders.Count == Capacity)
            _offenders.Remove(fewest);
    }

    /// <param name="Generation">Generation of the token by which the offending sessions logged in.</param>
    /// <param name="Offences">Not forgiven as of <paramref name="CountedAt"/>.</param>
    /// <param name="CountedAt">When the last was committed or forgiven.</param>
    /// <param name="ResumesAt">When the next login may pass.</param>
    private readonly record struct Offender(uint Generation, int Offences, long CountedAt, long ResumesAt);
}
