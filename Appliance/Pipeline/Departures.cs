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
/// without the setting it would be a forgery that replay refuses. Behind such a record the account has no open order until it sends an
/// envelope: coming and going alone, which takes a session token and no key, writes no further one.
/// </remarks>
public sealed class Departures : ISessionObserver
{
    private readonly Sequencer _sequencer;
    private readonly MatchStage _match;
    private readonly KeyDirectory _keys;

    // Journal size when the last session ended: all that the account sent is below.
    private readonly Dictionary<ulong, ulong> _pending = [];
    private readonly HashSet<ulong> _awaited = [];

    // Accounts that have sent nothing since their last Disconnect record.
    private readonly HashSet<ulong> _cancelled = [];
    private readonly List<ulong> _settled = [];
    private ulong _graceEnds;

    /// <summary>Watches for <paramref name="sequencer"/>.</summary>
    public Departures(Sequencer sequencer, MatchStage match, KeyDirectory keys)
    {
        _sequencer = sequencer;
        _match = match;
        _keys = keys;
    }

    /// <summary>
    /// Before the start: all accounts with open orders that cancel on disconnect have until <paramref name="deadline"/> (ns since 1970) to
    /// come back. They are not looked at before.
    /// </summary>
    public void ExpectAllBack(Exchange recovered, ulong deadline)
    {
        ArgumentNullException.ThrowIfNull(recovered);
        _graceEnds = deadline;
        for (ulong account = 1; account < _keys.Count; account++)
        {
            if (_keys.CancelsOnDisconnect(account) && recovered.ReadOpenOrders(account).Count > 0)
                _awaited.Add(account);
        }
    }

    /// <inheritdoc/>
    public void OnLastSessionEnded(ulong account, bool hasPublished)
    {
        if (hasPublished)
            _cancelled.Remove(account);
        else if (_cancelled.Contains(account))
            return;
        _pending[account] = _sequencer.NextSequence;
    }

    /// <inheritdoc/>
    public void OnSessionStarted(ulong account)
    {
        _pending.Remove(account);
        _awaited.Remove(account);
    }

    /// <summary>Publishes the records that are due.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Publish()
    {
        if (_awaited.Count > 0 && _sequencer.Now >= _graceEnds)
        {
            foreach (ulong account in _awaited)
                _pending[account] = 0;
            _awaited.Clear();
        }

        return _pending.Count > 0 && PublishPending();
    }

    private bool PublishPending()
    {
        ulong matched = _match.MatchedSize;
        bool published = false;
        foreach (var (account, journalSize) in _pending)
        {
            if (matched < journalSize)
                continue;
            if (_keys.CancelsOnDisconnect(account))
            {
                if (!TryPublish(account))
                    break;
                _cancelled.Add(account);
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
}
