using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Clob.Protocol;

/// <summary>Types of SoupBinTCP 3.00 packets.</summary>
public enum SoupPacketType : byte
{
    /// <summary>Either way: text for people.</summary>
    Debug = (byte)'+',

    /// <summary>Server: login accepted; session 10, next sequence 20 digits.</summary>
    LoginAccepted = (byte)'A',

    /// <summary>Server: login rejected; reason 1.</summary>
    LoginRejected = (byte)'J',

    /// <summary>Server: sequenced data, an execution report.</summary>
    SequencedData = (byte)'S',

    /// <summary>Server: nothing was sent for a second.</summary>
    ServerHeartbeat = (byte)'H',

    /// <summary>Server: the session is over for good.</summary>
    EndOfSession = (byte)'Z',

    /// <summary>Client: login; user name 6, password 10, session 10, sequence 20.</summary>
    LoginRequest = (byte)'L',

    /// <summary>Client: unsequenced data, one envelope.</summary>
    UnsequencedData = (byte)'U',

    /// <summary>Client: nothing was sent for a second.</summary>
    ClientHeartbeat = (byte)'R',

    /// <summary>Client: goodbye.</summary>
    LogoutRequest = (byte)'O',
}

/// <summary>
/// SoupBinTCP 3.00 packets: <c>length u16 (of what follows) · type u8 · payload</c>.
/// </summary>
public static class SoupBinTcp
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeadSize = 2 + 1;

    /// <summary>Largest packet a client sends: one envelope.</summary>
    public const int MaximumClientPacketSize = HeadSize + Envelope.MaximumSize;

    /// <summary>Login reject: name, password or session number are not right.</summary>
    public const byte NotAuthorized = (byte)'A';

    /// <summary>Login reject: the requested session is not this venue's.</summary>
    public const byte SessionNotAvailable = (byte)'S';

    /// <summary>Either side sends a heartbeat when it sent nothing for this long.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    /// <summary>A peer silent for this long is taken for dead.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(15);

    /// <summary>Writes a packet and returns its size.</summary>
    public static int Write(Span<byte> destination, SoupPacketType type, ReadOnlySpan<byte> payload)
    {
        WriteHead(destination, type, payload.Length);
        payload.CopyTo(destination[HeadSize..]);
        return HeadSize + payload.Length;
    }

    /// <summary>Writes length and type; the payload follows.</summary>
    public static void WriteHead(Span<byte> destination, SoupPacketType type, int payloadSize)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, checked((ushort)(payloadSize + 1)));
        destination[2] = (byte)type;
    }

    /// <summary>
    /// Looks at the front of <paramref name="received"/>. <see cref="SoupRead.Complete"/>: a packet of <paramref name="size"/> bytes is there.
    /// </summary>
    public static SoupRead TryRead(ReadOnlySpan<byte> received, int maximumSize, out SoupPacketType type, out ReadOnlySpan<byte> payload, out int size)
    {
        type = default;
        payload = default;
        size = 0;
        if (received.Length < 2)
            return SoupRead.Incomplete;
        int length = BinaryPrimitives.ReadUInt16BigEndian(received);
        size = 2 + length;
        if (length == 0 || size > maximumSize)
            return SoupRead.BadLength;
        if (received.Length < size)
            return SoupRead.Incomplete;
        type = (SoupPacketType)received[2];
        payload = received[HeadSize..size];
        return SoupRead.Complete;
    }
}

/// <summary>What is at the front of a receive buffer.</summary>
public enum SoupRead
{
    /// <summary>Part of a packet.</summary>
    Incomplete,

    /// <summary>A packet.</summary>
    Complete,

    /// <summary>A length of zero or above the limit: the stream is lost.</summary>
    BadLength,
}

/// <summary>
/// Payload of a login request: user name 6 (the account in base 36), password 10 (its session token), session 10 (blank for the current one),
/// wanted sequence 20 digits (0 for the most recent, else the first report wanted). Text is padded with spaces, numbers from the left.
/// </summary>
/// <param name="Account">The account.</param>
/// <param name="Token">The session token, 10 characters.</param>
/// <param name="Session">Session name, empty for the current one.</param>
/// <param name="Sequence">The next report sequence the client wants; 0 for only new ones.</param>
public readonly record struct SoupLogin(ulong Account, string Token, string Session, ulong Sequence)
{
    /// <summary>Bytes of the payload.</summary>
    public const int Size = 6 + 10 + 10 + 20;

    /// <summary>Highest account whose number fits six base 36 digits.</summary>
    public const ulong MaximumAccount = 36UL * 36 * 36 * 36 * 36 * 36 - 1;

    /// <summary>Writes the payload.</summary>
    public void Write(Span<byte> payload)
    {
        Encoding.ASCII.GetBytes(UserName(Account).PadRight(6), payload);
        Encoding.ASCII.GetBytes(Token.PadRight(10), payload[6..]);
        Encoding.ASCII.GetBytes(Session.PadRight(10), payload[16..]);
        Encoding.ASCII.GetBytes(Sequence.ToString(CultureInfo.InvariantCulture).PadLeft(20), payload[26..]);
    }

    /// <summary>Reads the payload; false when it has another size or a field does not parse.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SoupLogin login)
    {
        login = default;
        if (payload.Length != Size)
            return false;
        string text = Encoding.ASCII.GetString(payload);
        if (!TryParseUserName(text.AsSpan(0, 6).TrimEnd(' '), out ulong account) || !TryParseNumber(text.AsSpan(26), out ulong sequence))
            return false;
        login = new SoupLogin(account, text[6..16].TrimEnd(' '), text[16..26].Trim(' '), sequence);
        return true;
    }

    /// <summary>The account in base 36, upper case.</summary>
    public static string UserName(ulong account)
    {
        if (account > MaximumAccount)
            throw new ArgumentOutOfRangeException(nameof(account), account, $"an account with a session is at most {MaximumAccount}");
        Span<char> digits = stackalloc char[6];
        int start = digits.Length;
        do
        {
            digits[--start] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(int)(account % 36)];
            account /= 36;
        }
        while (account != 0);
        return new string(digits[start..]);
    }

    /// <summary>Reads a user name, either case; false when it is empty, too long or has another character.</summary>
    public static bool TryParseUserName(ReadOnlySpan<char> name, out ulong account)
    {
        account = 0;
        foreach (char digit in name)
        {
            if (!char.IsAsciiLetterOrDigit(digit))
                return false;
            account = account * 36 + (char.IsAsciiDigit(digit) ? digit - (uint)'0' : char.ToUpperInvariant(digit) - (uint)'A' + 10);
        }

        return name.Length is > 0 and <= 6;
    }

    /// <summary>Reads a number padded with spaces on the left or the right, up to 20 digits.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> field, out ulong number)
    {
        number = 0;
        var digits = field.Trim(' '); // the parser of .NET would take zero bytes behind them
        return !digits.ContainsAnyExceptInRange('0', '9') && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}

/// <summary>Payload of a login accepted packet: session 10, next sequence 20 digits.</summary>
/// <param name="Session">Session name.</param>
/// <param name="Sequence">Sequence of the next sequenced packet.</param>
public readonly record struct SoupLoginAccepted(string Session, ulong Sequence)
{
    /// <summary>Bytes of the payload.</summary>
    public const int Size = 10 + 20;

    /// <summary>Writes the payload.</summary>
    public void Write(Span<byte> payload)
    {
        Encoding.ASCII.GetBytes(Session.PadLeft(10), payload);
        Encoding.ASCII.GetBytes(Sequence.ToString(CultureInfo.InvariantCulture).PadLeft(20), payload[10..]);
    }

    /// <summary>Reads the payload; false when it has another size or the number does not parse.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SoupLoginAccepted accepted)
    {
        accepted = default;
        if (payload.Length != Size)
            return false;
        string text = Encoding.ASCII.GetString(payload);
        if (!SoupLogin.TryParseNumber(text.AsSpan(10), out ulong sequence))
            return false;
        accepted = new SoupLoginAccepted(text[..10].Trim(' '), sequence);
        return true;
    }
}
