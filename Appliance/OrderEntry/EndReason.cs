using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

/// <summary>Why a session ends; decides the last packet its client gets.</summary>
internal enum EndReason : byte
{
    // nothing is said

    /// <summary>The peer closed, logged out or reset; or egress ended the session.</summary>
    Closed,

    // login rejected

    NotAuthorized,
    SessionNotAvailable,

    /// <summary>Rejected, with the reason in a debug packet before it: <see cref="LoginPauses"/>.</summary>
    LoginPaused,

    /// <summary>Rejected, with the reason in a debug packet before it: the account has as many sessions as it may.</summary>
    TooManySessions,

    // a debug packet

    PacketLength,
    PacketType,
    LoginExpected,
    LoginTwice,
    LoginLate,
    Silent,
    ForeignAccount,
    Throttled,
    ReportsUnavailable,

    // a debug packet: the fault of a malformed envelope, in the order of EnvelopeFault

    FirstEnvelopeFault,
    EnvelopeTooLong = FirstEnvelopeFault,
    EnvelopeTooShort,
    EnvelopeCommandCount,
    EnvelopeNonceRange,
    EnvelopeCommandLength,
    EnvelopeCommandType,
    EnvelopeCommandFields,
    EnvelopeFieldValue,
    EnvelopeTrailingBytes,
}

/// <summary>What the client is told about an <see cref="EndReason"/>. These texts are part of the documented protocol.</summary>
internal static class EndReasons
{
    /// <summary>The reason that stands for a fault other than none.</summary>
    public static EndReason Of(EnvelopeFault fault) => EndReason.FirstEnvelopeFault + (byte)(fault - EnvelopeFault.TooLong);

    public static bool IsMalformed(EndReason reason) =>
        reason is EndReason.PacketLength or EndReason.PacketType or EndReason.LoginExpected or EndReason.LoginTwice or >= EndReason.FirstEnvelopeFault;

    /// <summary>Writes the last packet of a session, or two, and returns their size, 0 when there is none.</summary>
    public static int Write(Span<byte> destination, EndReason reason) => reason switch
    {
        EndReason.Closed => 0,
        EndReason.NotAuthorized => SoupBinTcp.Write(destination, SoupPacketType.LoginRejected, [SoupBinTcp.NotAuthorized]),
        EndReason.SessionNotAvailable => SoupBinTcp.Write(destination, SoupPacketType.LoginRejected, [SoupBinTcp.SessionNotAvailable]),
        EndReason.LoginPaused or EndReason.TooManySessions => WriteNotNow(destination, reason),
        _ => SoupBinTcp.Write(destination, SoupPacketType.Debug, Text(reason)),
    };

    /// <summary>SoupBinTCP has no code of its own for "not now": what tells it from "never" is the debug packet before.</summary>
    private static int WriteNotNow(Span<byte> destination, EndReason reason)
    {
        int size = SoupBinTcp.Write(destination, SoupPacketType.Debug, Text(reason));
        return size + SoupBinTcp.Write(destination[size..], SoupPacketType.LoginRejected, [SoupBinTcp.NotAuthorized]);
    }

    private static ReadOnlySpan<byte> Text(EndReason reason) => reason switch
    {
        EndReason.LoginPaused => "logins of this account must wait, for it sent bad signatures; try again later"u8,
        EndReason.TooManySessions => "too many sessions of this account are open, or over with envelopes under way; try again later"u8,
        EndReason.PacketLength => "malformed packet: its length is zero or above that of the largest envelope"u8,
        EndReason.PacketType => "malformed packet: unknown type"u8,
        EndReason.LoginExpected => "malformed packet: a login must come first"u8,
        EndReason.LoginTwice => "malformed packet: this session is logged in already"u8,
        EndReason.LoginLate => "no login for 15 seconds"u8,
        EndReason.Silent => "nothing received for 15 seconds"u8,
        EndReason.ForeignAccount => "the envelope is of another account than the session"u8,
        EndReason.Throttled => "more envelopes in a second than the venue allows"u8,
        EndReason.ReportsUnavailable => "the wanted reports cannot be read now"u8,
        EndReason.EnvelopeTooLong => "malformed envelope: longer than 8192 bytes"u8,
        EndReason.EnvelopeTooShort => "malformed envelope: shorter than its head and signature"u8,
        EndReason.EnvelopeCommandCount => "malformed envelope: it must have 1 to 128 commands"u8,
        EndReason.EnvelopeNonceRange => "malformed envelope: its nonces pass the end of 64 bits"u8,
        EndReason.EnvelopeCommandLength => "malformed envelope: a command's length points beyond its end"u8,
        EndReason.EnvelopeCommandType => "malformed envelope: unknown command type"u8,
        EndReason.EnvelopeCommandFields => "malformed envelope: a command's length is not what its type and presence bits say"u8,
        EndReason.EnvelopeFieldValue => "malformed envelope: a field holds an undefined value"u8,
        EndReason.EnvelopeTrailingBytes => "malformed envelope: bytes after its last command"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "every reason that is said has a text"),
    };
}
