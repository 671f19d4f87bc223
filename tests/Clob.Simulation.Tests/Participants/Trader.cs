using System.Buffers.Binary;
using Clob.Appliance.Pipeline;
using Clob.Client;
using Clob.Protocol;
using Clob.Simulation.Tests.Network;
using Clob.Simulation.Tests.Oracle;
using Clob.Simulation.Tests.Process;

namespace Clob.Simulation.Tests.Participants;

/// <summary>
/// A trader as the client library has it, without its sockets: keeps what was not acknowledged by the library's own rule, comes back for the
/// reports it misses, and sends again what was not acknowledged, the very bytes.
/// </summary>
internal sealed partial class Trader
{
    private const int NonceOffset = sizeof(ulong); // behind the account

    private readonly Defect _defect;
    private readonly byte[] _venueId;
    private readonly SimulatedClock _clock;
    private readonly Random _random;
    private readonly Witness _witness;
    private readonly WorldFigures _figures;
    private readonly UnacknowledgedEnvelopes _unacknowledged = new();
    private readonly int _window; // envelopes it has under way at most
    private readonly byte[] _frame = new byte[SoupBinTcp.HeadSize + Envelope.MaximumSize];
    private Connection? _connection;
    private bool _isLoggedIn;
    private ulong _nextNonce = 1;

    public Trader(ulong account, Defect defect, byte[] venueId, SimulatedClock clock, Random random, Witness witness, WorldFigures figures)
    {
        Account = account;
        _defect = defect;
        _venueId = venueId;
        _clock = clock;
        _random = random;
        _witness = witness;
        _figures = figures;
        _key = Keys.Of(account, 0);
        _window = random.Next(4) == 0 ? Envelope.MaximumUnacknowledged : random.Next(1, 10);
    }

    public ulong Account { get; }

    /// <summary>All reports it was sent, each once.</summary>
    public List<byte[]> Received { get; } = [];

    public bool IsIdle => _isLoggedIn && _unacknowledged.Count == 0;

    /// <summary>Does one thing.</summary>
    /// <param name="process">The venue's process.</param>
    /// <param name="mayBegin">Whether new envelopes may be sent and lines be cut.</param>
    /// <returns>Whether anything was done.</returns>
    public bool Act(VenueProcess process, bool mayBegin)
    {
        if (_connection is null)
            return Connect(process);
        if (!mayBegin)
            return Receive();
        switch (_random.Next(100))
        {
            case < 50:
                return Receive();
            case < 97:
                return Send();
            default:
                _connection.EndByTrader(_random);
                (_connection, _isLoggedIn) = (null, false);
                return true;
        }
    }

    private bool Connect(VenueProcess process)
    {
        _connection = new Connection(Account);
        _connection.ToVenue.Enqueue(new Packet(PacketKind.Login, (ulong)Received.Count + 1, []));
        process.OrderEntry.Connect(_connection);
        return true;
    }

    private bool Receive()
    {
        bool received = false;
        for (int most = _random.Next(1, 6); most > 0 && _connection!.ToTrader.TryDequeue(out var packet); most--, received = true)
        {
            if (packet.Kind == PacketKind.Accepted)
                LogIn(packet.Sequence);
            else
                Take(packet.Bytes);
        }

        if (received || !_connection!.VenueIsGone)
            return received;
        (_connection, _isLoggedIn) = (null, false);
        return true;
    }

    private void LogIn(ulong nextReport)
    {
        if (nextReport != (ulong)Received.Count + 1)
            throw new ViolationException(Violation.BadDelivery, $"account {Account} wanted report {Received.Count + 1}, the venue goes on at {nextReport}");
        _isLoggedIn = true;
        if (_defect == Defect.ResendsUnderNewNonces)
            SignAnew();
        for (int i = 0; i < _unacknowledged.Count; i++)
            Enqueue(_unacknowledged.FrameAt(i)[SoupBinTcp.HeadSize..]);
        _figures.Resent += _unacknowledged.Count;
    }

    private void Take(byte[] bytes)
    {
        if (!ExchangeEvent.TryReadReport(bytes, out var report) || report.Account != Account || report.ReportSequence != (ulong)Received.Count + 1)
            throw new ViolationException(Violation.BadDelivery, $"account {Account} expects report {Received.Count + 1} and was sent {report}");
        Received.Add(bytes);
        FollowOrders(report);
        for (int settled = _unacknowledged.Settle(report); settled > 0; settled--)
        {
            if (!_unacknowledged.IsOldestAnswered)
                throw new ViolationException(Violation.BadDelivery, $"account {Account}: the envelope of nonce {_unacknowledged.Oldest.FirstNonce} was passed over");
            _unacknowledged.RemoveOldest();
        }
    }

    private bool Send()
    {
        if (!_isLoggedIn || _unacknowledged.IsFull || _unacknowledged.Count >= _window)
            return false;
        ulong expiry = _random.Next(12) == 0 ? RecordTime.Now(_clock) + (ulong)_random.Next(1, 2_000_000_000) : 0;
        var builder = new EnvelopeBuilder(_frame.AsSpan(SoupBinTcp.HeadSize), Account, _nextNonce, expiry);
        var signer = _key;
        if (expiry == 0 && _random.Next(40) == 0)
            AddRotation(ref builder);
        else
            AddCommands(ref builder);
        var envelope = builder.Sign(signer, _venueId);
        bool isForged = builder.Count > 0 && signer == _key && _random.Next(50) == 0;
        if (isForged)
            envelope[^1] ^= 1;
        _witness.Signed(envelope, isForged ? null : signer.PublicKey.ToArray());
        SoupBinTcp.WriteHead(_frame, SoupPacketType.UnsequencedData, envelope.Length);
        _unacknowledged.Add(_frame.AsSpan(0, SoupBinTcp.HeadSize + envelope.Length), _nextNonce, builder.Count);
        _nextNonce += (ulong)builder.Count;
        _figures.Envelopes++;
        _figures.Commands += builder.Count;
        Enqueue(envelope);
        return true;
    }

    /// <summary>What goes into a line that the venue has left is lost; the trader learns of that later.</summary>
    private void Enqueue(ReadOnlySpan<byte> envelope)
    {
        if (!_connection!.VenueIsGone)
            _connection.ToVenue.Enqueue(new Packet(PacketKind.Envelope, 0, envelope.ToArray()));
    }

    /// <summary>The defect of a client that takes silence for refusal.</summary>
    private void SignAnew()
    {
        byte[][] frames = [.. Enumerable.Range(0, _unacknowledged.Count).Select(i => _unacknowledged.FrameAt(i).ToArray())];
        foreach (byte[] frame in frames)
        {
            _unacknowledged.RemoveOldest();
            var bytes = frame.AsSpan(SoupBinTcp.HeadSize);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[NonceOffset..], _nextNonce);
            EnvelopeSignature.Sign(_key, _venueId, bytes);
            _witness.Signed(bytes, _key.PublicKey.ToArray());
            Envelope.TryRead(bytes, out var envelope, out _);
            _unacknowledged.Add(frame, _nextNonce, envelope.Count);
            _nextNonce += (ulong)envelope.Count;
        }
    }
}
