using Clob.Appliance.OrderEntry;
using Clob.Engine;
using Clob.Protocol;
using Clob.Ring;
using Clob.Simulation.Tests.Oracle;

namespace Clob.Simulation.Tests.Network;

/// <summary>
/// Order entry of one process over simulated connections: logins, envelopes in order, reports from wherever a trader left off. What it hears
/// from egress has left the process and is written down by the witness.
/// </summary>
internal sealed class SimulatedOrderEntry : IOrderEntry
{
    private const int MostPacketsAPoll = 4;

    private readonly IEnvelopeSequencer _sequencer;
    private readonly ISessionObserver _observer;
    private readonly KeyDirectory _keys;
    private readonly Witness _witness;
    private readonly Random _random;
    private readonly List<Session> _sessions = [];
    private readonly Dictionary<int, Session> _byNumber = [];
    private readonly Dictionary<ulong, List<byte[]>> _reports;
    private readonly Dictionary<ulong, bool> _havePublished = [];
    private bool _accepts = true;

    /// <param name="sequencer">Where envelopes go.</param>
    /// <param name="observer">Hears of sessions.</param>
    /// <param name="keys">Tells which accounts there are.</param>
    /// <param name="archive">Reports of the past by account, the first at 0; grows with what is delivered.</param>
    /// <param name="witness">Writes down what leaves.</param>
    /// <param name="random">How much is done at a time.</param>
    public SimulatedOrderEntry(
        IEnvelopeSequencer sequencer, ISessionObserver observer, KeyDirectory keys, Dictionary<ulong, List<byte[]>> archive, Witness witness, Random random)
    {
        _sequencer = sequencer;
        _observer = observer;
        _keys = keys;
        _reports = archive;
        _witness = witness;
        _random = random;
    }

    public IIdle Idle { get; } = new NoIdle();

    public WakeUps IngressWakeUps { get; } = new();

    public WakeUps EgressWakeUps { get; } = new();

    public void Connect(Connection connection) => _sessions.Add(new Session(connection));

    public bool Poll()
    {
        bool worked = false;
        for (int i = 0; _accepts && i < _sessions.Count; i++)
        {
            var session = _sessions[i];
            for (int packets = _random.Next(1, MostPacketsAPoll + 1); packets > 0 && Take(session); packets--)
                worked = true;
            if (session.MustEnd || (session.Connection.TraderIsGone && session.Connection.ToVenue.Count == 0))
                End(session, ref i);
        }

        return worked;
    }

    public void Deliver(in ExchangeEvent report)
    {
        var reports = ReportsOf(report.Account);
        if (report.ReportSequence != (ulong)reports.Count + 1)
            throw new InvalidOperationException($"account {report.Account} expects report {reports.Count + 1} next and was given {report.ReportSequence}");
        byte[] bytes = new byte[ExchangeEvent.ReportSize];
        report.WriteReport(bytes);
        reports.Add(bytes);
        _witness.Reported(report, bytes);
    }

    public void Complete(int session, bool badSignature)
    {
        var completed = _byNumber[session];
        if (completed.Outstanding-- == 0)
            throw new InvalidOperationException($"session {session} has published no envelope that is not done");
        completed.Offended |= badSignature;
    }

    public bool Flush()
    {
        bool worked = false;
        foreach (var session in _sessions.Where(session => session.Number != 0 && !session.Connection.TraderIsGone))
        {
            var reports = ReportsOf(session.Connection.Account);
            for (int most = _random.Next(MostPacketsAPoll + 1); most > 0 && session.NextReport <= (ulong)reports.Count; most--, worked = true)
                session.Connection.ToTrader.Enqueue(new Packet(PacketKind.Report, session.NextReport, reports[(int)session.NextReport++ - 1]));
            session.MustEnd |= session.Offended && session.NextReport > (ulong)reports.Count; // once its reject is sent
        }

        return worked;
    }

    public void StopAccepting() => _accepts = false;

    /// <summary>The process is gone; so are its connections.</summary>
    public void Crash()
    {
        foreach (var session in _sessions)
            session.Connection.EndByVenue(_random);
        _sessions.Clear();
    }

    public void Dispose() => _sessions.Clear();

    private List<byte[]> ReportsOf(ulong account) => _reports.TryGetValue(account, out var reports) ? reports : _reports[account] = [];

    private bool Take(Session session)
    {
        ulong account = session.Connection.Account;
        if (session.MustEnd || !session.Connection.ToVenue.TryPeek(out var packet))
            return false;
        if (packet.Kind == PacketKind.Login)
            LogIn(session, packet.Sequence);
        else if (_sequencer.TryPublish(packet.Bytes, session.Number))
            (session.Outstanding, _havePublished[account]) = (session.Outstanding + 1, true);
        else
            return false; // offered again later
        session.Connection.ToVenue.TryDequeue(out _);
        return true;
    }

    private void LogIn(Session session, ulong nextReport)
    {
        session.MustEnd = session.Connection.Account >= _keys.Count;
        if (session.MustEnd)
            return;
        session.Number = _byNumber.Count + 1;
        session.NextReport = nextReport;
        _byNumber[session.Number] = session;
        _observer.OnSessionStarted(session.Connection.Account);
        session.Connection.ToTrader.Enqueue(new Packet(PacketKind.Accepted, nextReport, []));
    }

    private void End(Session session, ref int index)
    {
        ulong account = session.Connection.Account;
        _sessions.RemoveAt(index--);
        session.Connection.CloseByVenue();
        if (session.Number == 0 || _sessions.Exists(other => other.Number != 0 && other.Connection.Account == account))
            return;
        _observer.OnLastSessionEnded(account, _havePublished.GetValueOrDefault(account));
        _havePublished[account] = false;
    }

    private sealed class Session(Connection connection)
    {
        public Connection Connection { get; } = connection;
        public int Number { get; set; }
        public ulong NextReport { get; set; }
        public int Outstanding { get; set; }
        public bool Offended { get; set; }
        public bool MustEnd { get; set; }
    }
}
