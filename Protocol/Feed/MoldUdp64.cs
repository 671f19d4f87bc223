using System.Buffers.Binary;
using System.Text;

namespace Clob.Protocol;

/// <summary>
/// MoldUDP64 1.00 downstream packets.
/// <code>
///  0             10                18              20
///  │ session 10  │ sequence u64    │ count u16     │ count × (length u16, message)
/// </code>
/// The sequence is that of the first message; a heartbeat has count 0 and the sequence of the next message; count 0xFFFF ends the session.
/// The request packet of a retransmission server is the same 20 bytes.
/// </summary>
public static class MoldUdp64
{
    /// <summary>Bytes of the head.</summary>
    public const int HeadSize = 10 + 8 + 2;

    /// <summary>Bytes of a session name.</summary>
    public const int SessionSize = 10;

    /// <summary>Bytes before each message.</summary>
    public const int MessageHeadSize = 2;

    /// <summary>Count of a packet that ends the session.</summary>
    public const ushort EndOfSession = 0xFFFF;

    /// <summary>The session name of a venue: base32 of the first 4 bytes of its id (7 characters), then the session number (3 digits).</summary>
    public static string SessionName(ReadOnlySpan<byte> venueId, int sessionNumber = 1) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Base32.Encode(venueId[..4])}{sessionNumber:D3}");

    /// <summary>Writes a packet's head.</summary>
    public static void WriteHead(Span<byte> packet, ReadOnlySpan<byte> session, ulong sequence, ushort count)
    {
        session[..SessionSize].CopyTo(packet);
        BinaryPrimitives.WriteUInt64BigEndian(packet[SessionSize..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(SessionSize + 8)..], count);
    }

    /// <summary>Splits a packet; false when it is shorter than a head or its messages do not fill it exactly.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out MoldUdp64Packet read)
    {
        read = default;
        if (packet.Length < HeadSize)
            return false;
        ushort count = BinaryPrimitives.ReadUInt16BigEndian(packet[(SessionSize + 8)..]);
        var messages = packet[HeadSize..];
        var rest = messages;
        for (int i = 0; i < (count == EndOfSession ? 0 : count); i++)
        {
            if (rest.Length < MessageHeadSize || rest.Length < MessageHeadSize + BinaryPrimitives.ReadUInt16BigEndian(rest))
                return false;
            rest = rest[(MessageHeadSize + BinaryPrimitives.ReadUInt16BigEndian(rest))..];
        }

        read = new MoldUdp64Packet(packet[..SessionSize], BinaryPrimitives.ReadUInt64BigEndian(packet[SessionSize..]), count, messages);
        return rest.IsEmpty;
    }
}

/// <summary>A downstream packet that was checked; a view over its bytes.</summary>
public ref struct MoldUdp64Packet
{
    private readonly ReadOnlySpan<byte> _session;
    private ReadOnlySpan<byte> _rest;

    internal MoldUdp64Packet(ReadOnlySpan<byte> session, ulong sequence, ushort count, ReadOnlySpan<byte> messages)
    {
        _session = session;
        _rest = messages;
        Sequence = sequence;
        Count = count;
    }

    /// <summary>Session name, 10 characters.</summary>
    public readonly string Session => Encoding.ASCII.GetString(_session);

    /// <summary>Session name as bytes.</summary>
    public readonly ReadOnlySpan<byte> SessionBytes => _session;

    /// <summary>Sequence of the first message, or of the next one in a heartbeat.</summary>
    public ulong Sequence { get; }

    /// <summary>Messages in the packet; 0 in a heartbeat.</summary>
    public ushort Count { get; }

    /// <summary>Whether the session ended.</summary>
    public readonly bool IsEndOfSession => Count == MoldUdp64.EndOfSession;

    /// <summary>Takes the next message; false when there is none left.</summary>
    public bool TryNext(out ReadOnlySpan<byte> message)
    {
        message = default;
        if (_rest.IsEmpty)
            return false;
        int size = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        message = _rest.Slice(MoldUdp64.MessageHeadSize, size);
        _rest = _rest[(MoldUdp64.MessageHeadSize + size)..];
        return true;
    }
}
