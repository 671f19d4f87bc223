using System.Net.Sockets;
using System.Text;
using Clob.Protocol;

namespace Clob.Client;

/// <summary>Login, the receive loop, what a report settles, and coming back after a lost connection.</summary>
public sealed partial class OrderEntryClient
{
    /// <summary>A pause of a second times this power of two still fits a time span's ticks.</summary>
    private const int MostDoublings = 20;

    // connections since the last that brought a report: a login that is accepted and dropped again is no progress
    private int _attempts;

    private async Task<SoupConnection> LogInAsync(CancellationToken cancellation)
    {
        var connection = await SoupConnection.ConnectAsync(_options.EndPoint, _options.Clock, cancellation).ConfigureAwait(false);
        using var silence = _options.Clock.CreateTimer(_ => connection.KeepAlive(), null, SoupBinTcp.HeartbeatInterval, SoupBinTcp.HeartbeatInterval);
        try
        {
            byte[] login = new byte[SoupLogin.Size];
            new SoupLogin(_options.Account, _options.SessionToken, _options.Session, _nextReportSequence).Write(login);
            connection.Append(SoupPacketType.LoginRequest, login);
            await connection.FlushAsync().ConfigureAwait(false);
            var accepted = await ReadLoginAnswerAsync(connection, cancellation).ConfigureAwait(false);
            if (_nextReportSequence != 0 && accepted.Sequence != _nextReportSequence)
                throw new InvalidDataException($"report {_nextReportSequence} was wanted, the venue goes on at {accepted.Sequence}");
            Session = accepted.Session;
            Volatile.Write(ref _nextReportSequence, accepted.Sequence);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task<SoupLoginAccepted> ReadLoginAnswerAsync(SoupConnection connection, CancellationToken cancellation)
    {
        string? remark = null;
        while (await connection.ReceiveAsync(cancellation).ConfigureAwait(false))
        {
            while (TakeLoginAnswer(connection, ref remark, out var accepted))
            {
                if (accepted is { } answer)
                    return answer;
            }
        }

        throw new EndOfStreamException(connection.FellSilent
            ? $"the login was not answered within {SoupBinTcp.SilenceLimit.TotalSeconds} s" : "the connection ended before the login was answered");
    }

    /// <summary>Takes one packet; true when there was one. Only packets that may precede the answer are passed over.</summary>
    private bool TakeLoginAnswer(SoupConnection connection, ref string? remark, out SoupLoginAccepted? answer)
    {
        answer = null;
        var read = connection.TryTake(out var type, out var payload);
        if (read == SoupRead.Incomplete)
            return false;
        switch (read == SoupRead.Complete ? type : 0)
        {
            case SoupPacketType.LoginAccepted when SoupLoginAccepted.TryRead(payload, out var accepted):
                answer = accepted;
                break;
            case SoupPacketType.LoginRejected:
                throw new LoginRejectedException(payload.IsEmpty ? (byte)0 : payload[0], remark);
            case SoupPacketType.Debug:
                remark = Encoding.UTF8.GetString(payload);
                _listener.OnDebug(remark);
                break;
            case SoupPacketType.ServerHeartbeat:
                break;
            default:
                throw new InvalidDataException("the login was answered with something that is no SoupBinTCP login answer");
        }

        return true;
    }

    private async Task RunAsync(SoupConnection connection)
    {
        await Task.Yield(); // the caller first gets hold of the client
        try
        {
            while (true)
            {
                ulong before = _nextReportSequence;
                await connection.FlushAsync().ConfigureAwait(false);
                var cause = await ReceiveReportsAsync(connection).ConfigureAwait(false);
                Leave(connection);
                if (_nextReportSequence != before)
                    _attempts = 0;
                if (_ending.IsCancellationRequested)
                    cause = DisconnectCause.Closed;
                _listener.OnDisconnected(cause);
                if (cause is DisconnectCause.Closed or DisconnectCause.EndOfSession)
                    return;
                if (!_options.Reconnect || cause == DisconnectCause.ProtocolViolation)
                    throw new IOException($"the order entry session ended: {cause}");
                connection = await ReconnectAsync().ConfigureAwait(false);
                _listener.OnReconnected(_nextReportSequence, GoOnWith(connection));
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            _listener.OnDisconnected(DisconnectCause.Closed);
        }
        finally
        {
            Leave(connection);
            ReleaseWaiters();
        }
    }

    /// <summary>Makes a fresh connection the current one and appends all that was not acknowledged; returns how many envelopes that was.</summary>
    private int GoOnWith(SoupConnection connection)
    {
        lock (_gate)
        {
            for (int i = 0; i < _unacknowledged.Count; i++)
                connection.Append(_unacknowledged.FrameAt(i));
            _unacknowledged.NoteResent();
            _connection = connection;
            return _unacknowledged.Count;
        }
    }

    private void Leave(SoupConnection connection)
    {
        lock (_gate)
            _connection = null;
        connection.Dispose();
    }

    /// <summary>Nobody will be acknowledged any more: lets senders run into the end and drains fail.</summary>
    private void ReleaseWaiters()
    {
        lock (_gate)
        {
            _isOver = true;
            _drained?.TrySetException(new ObjectDisposedException(nameof(OrderEntryClient), $"{_unacknowledged.Count} envelopes were not acknowledged"));
            _drained = null;
            while (_unacknowledged.Count > 0)
            {
                _unacknowledged.RemoveOldest();
                _window.Release();
            }
        }
    }

    private async Task<SoupConnection> ReconnectAsync()
    {
        while (true)
        {
            var pause = TimeSpan.FromTicks(Math.Min(_options.ReconnectPause.Ticks << Math.Min(_attempts++, MostDoublings), _options.LongestReconnectPause.Ticks));
            await Task.Delay(pause, _options.Clock, _ending.Token).ConfigureAwait(false);
            try
            {
                return await LogInAsync(_ending.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or EndOfStreamException or LoginRejectedException { IsTemporary: true })
            {
                // not there yet, or not yet again
            }
        }
    }

    private async Task<DisconnectCause> ReceiveReportsAsync(SoupConnection connection)
    {
        do
        {
            while (true)
            {
                var read = connection.TryTake(out var type, out var payload);
                if (read == SoupRead.Incomplete)
                    break;
                if (read == SoupRead.BadLength || !Handle(type, payload))
                    return DisconnectCause.ProtocolViolation;
                if (type == SoupPacketType.EndOfSession)
                    return DisconnectCause.EndOfSession;
            }
        }
        while (await connection.ReceiveAsync(_ending.Token).ConfigureAwait(false));
        return connection.FellSilent ? DisconnectCause.Silence : DisconnectCause.ConnectionLost;
    }

    private bool Handle(SoupPacketType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case SoupPacketType.SequencedData:
                return ExchangeEvent.TryReadReport(payload, out var report) && Accept(report);
            case SoupPacketType.Debug:
                _listener.OnDebug(Encoding.UTF8.GetString(payload));
                if (EnvelopeRefusal.TryRead(payload, out ulong refused))
                    TakeRefused(refused);
                return true;
            case SoupPacketType.ServerHeartbeat or SoupPacketType.EndOfSession:
                return true;
            default:
                return false;
        }
    }

    private bool Accept(in ExchangeEvent report)
    {
        if (report.Account != _options.Account || report.ReportSequence != _nextReportSequence)
            return false;
        Volatile.Write(ref _nextReportSequence, _nextReportSequence + 1);
        _listener.OnReport(report);
        Settle(report);
        return true;
    }

    private void Settle(in ExchangeEvent report)
    {
        int settled;
        lock (_gate)
        {
            if (report is { Kind: EventKind.EnvelopeRejected, Reason: (byte)RejectReason.NonceReused or (byte)RejectReason.NonceTooOld })
                _nextNonce = Math.Max(_nextNonce, report.Reference);
            settled = _unacknowledged.Settle(report);
        }

        for (; settled > 0; settled--)
        {
            if (TakeOldest() is { } lost)
                _listener.OnUnanswered(lost.FirstNonce, lost.Commands);
            _window.Release();
        }
    }

    /// <summary>Takes the oldest envelope off, which is settled; names it when it was passed over.</summary>
    private (ulong FirstNonce, int Commands)? TakeOldest()
    {
        lock (_gate)
        {
            (ulong, int)? passedOver = _unacknowledged.IsOldestAnswered ? null : _unacknowledged.Oldest;
            _unacknowledged.RemoveOldest();
            EndDrainIfDone();
            return passedOver;
        }
    }

    /// <summary>
    /// What the venue refused is no longer waited for nor sent again; but for an envelope that was sent before over a lost connection: it may
    /// have been taken then, which its reports will say.
    /// </summary>
    private void TakeRefused(ulong firstNonce)
    {
        int commands;
        lock (_gate)
            commands = _unacknowledged.RemoveRefused(firstNonce);
        if (commands == 0)
            return;
        _listener.OnRefused(firstNonce, commands);
        _window.Release();
        lock (_gate)
            EndDrainIfDone();
    }

    private void EndDrainIfDone()
    {
        if (_unacknowledged.Count > 0 || _drained is not { } drained)
            return;
        _drained = null;
        drained.TrySetResult();
    }
}
