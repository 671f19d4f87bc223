namespace Clob.Simulation.Tests.Network;

internal enum PacketKind
{
    /// <summary>Trader: from which report sequence on it wants reports.</summary>
    Login,

    /// <summary>Trader: an envelope.</summary>
    Envelope,

    /// <summary>Venue: the login is accepted; from which report sequence on reports follow.</summary>
    Accepted,

    /// <summary>Venue: a report.</summary>
    Report,
}

internal readonly record struct Packet(PacketKind Kind, ulong Sequence, byte[] Bytes);

/// <summary>A connection: two queues of packets on their way, in order. When an end goes, some of what is still on its way arrives, from the front.</summary>
internal sealed class Connection(ulong account)
{
    public ulong Account { get; } = account;

    public Queue<Packet> ToVenue { get; private set; } = new();

    public Queue<Packet> ToTrader { get; private set; } = new();

    public bool TraderIsGone { get; private set; }

    public bool VenueIsGone { get; private set; }

    /// <summary>The trader hangs up, or its line is cut.</summary>
    public void EndByTrader(Random random)
    {
        TraderIsGone = true;
        ToVenue = new Queue<Packet>(ToVenue.Take(random.Next(ToVenue.Count + 1)));
    }

    /// <summary>The venue closes, or its process is gone.</summary>
    public void EndByVenue(Random random)
    {
        VenueIsGone = true;
        ToTrader = new Queue<Packet>(ToTrader.Take(random.Next(ToTrader.Count + 1)));
        ToVenue.Clear();
    }

    /// <summary>The venue closes behind its last packet.</summary>
    public void CloseByVenue()
    {
        VenueIsGone = true;
        ToVenue.Clear();
    }
}
