using System.Net.Sockets;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// An order entry session without the client library's good manners: sends any bytes at any time, under any key. Reports go to a callback on the receiving
/// thread.
/// </summary>
internal sealed class RawSession : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Action<ExchangeEvent> _onReport;
    private readonly Thread _receiver;
    private readonly TaskCompletionSource _loggedIn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _frame = new byte[SoupBinTcp.MaximumClientPacketSize];
    private readonly Timer _heartbeat;
    private readonly Lock _sending = new();

    private RawSession(Action<ExchangeEvent> onReport)
    {
        _onReport = onReport;
        _receiver = new Thread(Receive) { IsBackground = true, Name = "raw session" };
        _heartbeat = new Timer(_ => TrySend(SoupPacketType.ClientHeartbeat, default), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Whether the venue or this side has closed it.</summary>
    public bool IsOver => !_receiver.IsAlive;

    /// <summary>Connects, logs in and goes on with this report.</summary>
    public static async Task<RawSession> OpenAsync(ApplianceProcess appliance, Trader trader, ulong nextReport, Action<ExchangeEvent> onReport)
    {
        var session = new RawSession(onReport);
        await session._socket.ConnectAsync(appliance.OrderEntry).ConfigureAwait(false);
        session._receiver.Start();
        byte[] login = new byte[SoupLogin.Size];
        new SoupLogin(trader.Account, trader.User.SessionToken, "", nextReport).Write(login);
        session.TrySend(SoupPacketType.LoginRequest, login);
        await session._loggedIn.Task.WaitAsync(ProgramProcess.Patience).ConfigureAwait(false);
        return session;
    }

    /// <summary>Sends an envelope; false when the connection is over.</summary>
    public bool TrySend(ReadOnlySpan<byte> envelope) => TrySend(SoupPacketType.UnsequencedData, envelope);

    /// <summary>Logs out as one should.</summary>
    public void LogOut()
    {
        TrySend(SoupPacketType.LogoutRequest, default);
        _receiver.Join(ProgramProcess.Patience);
    }

    public void Dispose()
    {
        _heartbeat.Dispose();
        _socket.Dispose();
        _receiver.Join();
    }

    private bool TrySend(SoupPacketType type, ReadOnlySpan<byte> payload)
    {
        lock (_sending)
        {
            try
            {
                int size = SoupBinTcp.Write(_frame, type, payload);
                for (int sent = 0; sent < size;)
                    sent += _socket.Send(_frame.AsSpan(sent, size - sent));
                return true;
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    private void Receive()
    {
        byte[] received = new byte[1 << 18];
        int end = 0;
        try
        {
            for (int count; (count = _socket.Receive(received.AsSpan(end))) > 0;)
            {
                end += count;
                int start = 0;
                while (SoupBinTcp.TryRead(received.AsSpan(start, end - start), received.Length, out var type, out var payload, out int size) == SoupRead.Complete)
                {
                    Handle(type, payload);
                    start += size;
                }

                received.AsSpan(start, end - start).CopyTo(received);
                end -= start;
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // closed on one side or the other
        }

        _loggedIn.TrySetException(new InvalidOperationException("the connection ended before the login was answered"));
    }

    private void Handle(SoupPacketType type, ReadOnlySpan<byte> payload)
    {
        if (type == SoupPacketType.LoginAccepted)
            _loggedIn.TrySetResult();
        else if (type == SoupPacketType.LoginRejected)
            _loggedIn.TrySetException(new InvalidOperationException("the login was rejected"));
        else if (type == SoupPacketType.SequencedData && ExchangeEvent.TryReadReport(payload, out var report))
            _onReport(report);
    }
}
