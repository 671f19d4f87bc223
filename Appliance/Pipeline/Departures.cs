using Clob.Appliance.OrderEntry;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// Cancel on disconnect: writes a Disconnect record when the last session of an account that asked for it has ended. Belongs to the ingress
/// thread.
/// </summary>
/// <remarks>
/// Once matching has seen everything the account sent, its setting is known for sure; only then may the record stand in the journal, where
/// without the setting it would be a forgery that replay refuses.
/// </remarks>
public sealed class Departures : ISessionObserver
{
    private readonly Sequencer _sequencer;
    private readonly MatchStage _match;
    private readonly KeyDirectory _keys;
    private readonly Dictionary<ulong, Departure> _pending = [];
    private readonly List<ulong> _settled = [];

    /// <summary>Watches for <paramref name="sequencer"/>.</summary>
    public Departures(Sequencer sequencer, MatchStage match, KeyDirectory keys)
    {
        _sequencer = sequencer;
        _match = match;
        _keys = keys;
    }

    /// <summary>Before the start: all accounts that cancel on disconnect have until <paramref name="deadline"/> (ns since 1970) to come back.</summary>
    public void ExpectAllBack(ulong deadline)
    {
        for (ulong account = 1; account < _keys.Count; account++)
        {
            if (_keys.CancelsOnDisconnect(account))
                _pending[account] = new Departure(0, deadline);
        }
    }

    /// <inheritdoc/>
    public void OnLastSessionEnded(ulong account) => _pending[account] = new Departure(_sequencer.NextSequence, 0);

    /// <inheritdoc/>
    public void OnSessionStarted(ulong account) => _pending.Remove(account);

    /// <summary>Publishes the records that are due.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Publish()
    {
        if (_pending.Count == 0)
            return false;
        ulong matched = _match.MatchedSize;
        bool published = false;
        foreach (var (account, departure) in _pending)
        {
            if (matched < departure.JournalSize || _sequencer.Now < departure.Deadline)
                continue;
            if (_keys.CancelsOnDisconnect(account))
            {
                if (!TryPublish(account))
                    break;
                published = true;
            }

            _settled.Add(account);
        }

        foreach (ulong account in _settled)
            _pending.Remove(account);
        _settled.Clear();
        return published;
    }

    private bool TryPublish(ulong account)
    {
        Span<byte> payload = stackalloc byte[Disconnect.Size];
        new Disconnect(account).Write(payload);
        return _sequencer.TryPublish(RecordKind.Disconnect, payload);
    }

    /// <param name="JournalSize">Journal size when the session ended: all that the account sent is below.</param>
    /// <param name="Deadline">Until when the account may come back, ns since 1970; 0 for at once.</param>
    private readonly record struct Departure(ulong JournalSize, ulong Deadline);
}
