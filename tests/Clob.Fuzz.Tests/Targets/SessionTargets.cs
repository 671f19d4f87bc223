using Clob.Protocol;

namespace Clob.Fuzz.Tests;

/// <summary>What a session's peer may send: packets, logins, envelopes and their commands, reports.</summary>
internal static class SessionTargets
{
    private static readonly SigningKey Key = SigningKey.FromSeed(Enumerable.Repeat((byte)1, SigningKey.SeedSize).ToArray());

    public static IEnumerable<FuzzTarget> All =>
    [
        new("SoupBinTCP packets", [Packets(), [.. Packets(), .. Packets()]], ReadPackets),
        new("SoupBinTCP logins", [Login(new SoupLogin(35, "TOKENTOKEN", "", 1)), Login(new SoupLogin(SoupLogin.MaximumAccount, "T", "ABCDEFG001", ulong.MaxValue))], ReadLogin) { IsCanonical = false },
        new("SoupBinTCP answers to logins", [Answer(new SoupLoginAccepted("ABCDEFG001", 1)), Answer(new SoupLoginAccepted("A", ulong.MaxValue))], ReadAnswer) { IsCanonical = false },
        // An optional field of an order that holds zero says the same as none; the venue keeps the bytes that were signed.
        new("envelopes", [EnvelopeOf(CommandSamples.All.Count), EnvelopeOf(1), EnvelopeOf(2)], ReadEnvelope) { IsCanonical = false },
        new("commands", CommandSamples.All, ReadCommand) { IsCanonical = false },
        new("execution reports", [Report()], ReadReport),
    ];

    /// <summary>An envelope of the first so many sample commands.</summary>
    public static byte[] EnvelopeOf(int commands)
    {
        byte[] buffer = new byte[Envelope.MaximumSize];
        var builder = new EnvelopeBuilder(buffer, 7, 1, 1_700_000_000_000_000_000);
        foreach (byte[] command in CommandSamples.All.Take(commands))
            Add(ref builder, (CommandType)command[0], command.AsSpan(1));
        return builder.Sign(Key, new byte[Genesis.VenueIdSize]).ToArray();
    }

    private static void Add(ref EnvelopeBuilder builder, CommandType type, ReadOnlySpan<byte> body)
    {
        bool isAdded = type switch
        {
            CommandType.NewOrder => builder.TryAdd(NewOrder.Read(body)),
            CommandType.Replace => builder.TryAdd(Replace.Read(body)),
            CommandType.AccountSettings => builder.TryAdd(AccountSettings.Read(body)),
            CommandType.DefineMarket => builder.TryAdd(DefineMarket.Read(body)),
            CommandType.SetAccountLimits => builder.TryAdd(SetAccountLimits.Read(body)),
            _ => builder.TryAdd(new CancelAll(1)),
        };
        Assert.That(isAdded, Is.True);
    }

    private static byte[] Packets()
    {
        byte[] login = Login(new SoupLogin(35, "TOKENTOKEN", "", 1));
        byte[] buffer = new byte[SoupBinTcp.MaximumClientPacketSize];
        var packets = new List<byte>();
        packets.AddRange(buffer[..SoupBinTcp.Write(buffer, SoupPacketType.LoginRequest, login)]);
        packets.AddRange(buffer[..SoupBinTcp.Write(buffer, SoupPacketType.ClientHeartbeat, [])]);
        packets.AddRange(buffer[..SoupBinTcp.Write(buffer, SoupPacketType.UnsequencedData, EnvelopeOf(3))]);
        packets.AddRange(buffer[..SoupBinTcp.Write(buffer, SoupPacketType.LogoutRequest, [])]);
        return [.. packets];
    }

    private static Decoded ReadPackets(ReadOnlySpan<byte> input)
    {
        var encoded = new List<byte>();
        var rest = input;
        int packets = 0;
        SoupRead read;
        byte[] buffer = new byte[SoupBinTcp.MaximumClientPacketSize];
        while ((read = SoupBinTcp.TryRead(rest, SoupBinTcp.MaximumClientPacketSize, out var type, out var payload, out int size)) == SoupRead.Complete)
        {
            encoded.AddRange(buffer.AsSpan(0, SoupBinTcp.Write(buffer, type, payload)));
            rest = rest[size..];
            packets++;
        }

        encoded.AddRange(rest);
        return packets == 0 ? Decoded.Refused(read) : Decoded.Accepted($"{packets} {read}", [.. encoded]);
    }

    private static byte[] Login(SoupLogin login)
    {
        byte[] payload = new byte[SoupLogin.Size];
        login.Write(payload);
        return payload;
    }

    private static Decoded ReadLogin(ReadOnlySpan<byte> input) =>
        SoupLogin.TryRead(input, out var login) && HasNumber(input[26..]) ? Decoded.Accepted(login, Login(login)) : Decoded.Refused("no login");

    /// <summary>Digits padded with spaces on either side: what stands there when a number was read.</summary>
    private static bool HasNumber(ReadOnlySpan<byte> field)
    {
        Assert.That(field.Trim((byte)' ').ContainsAnyExceptInRange((byte)'0', (byte)'9'), Is.False, "a number has other characters than digits");
        return true;
    }

    private static byte[] Answer(SoupLoginAccepted accepted)
    {
        byte[] payload = new byte[SoupLoginAccepted.Size];
        accepted.Write(payload);
        return payload;
    }

    private static Decoded ReadAnswer(ReadOnlySpan<byte> input) =>
        SoupLoginAccepted.TryRead(input, out var accepted) && HasNumber(input[10..]) ? Decoded.Accepted(accepted, Answer(accepted)) : Decoded.Refused("no answer");

    private static Decoded ReadEnvelope(ReadOnlySpan<byte> input)
    {
        if (!Envelope.TryRead(input, out var envelope, out var fault))
            return Decoded.Refused(fault);
        var encoded = new List<byte>();
        Span<byte> head = stackalloc byte[Envelope.HeadSize];
        var writer = new BigEndianWriter(head);
        writer.U64(envelope.Account);
        writer.U64(envelope.FirstNonce);
        writer.U64(envelope.Expiry);
        writer.U16((ushort)envelope.Count);
        encoded.AddRange(head);
        foreach (var command in envelope.Commands)
        {
            byte[] again = CommandSamples.Encoded(command.Type, command.Body);
            encoded.Add(again[0]);
            encoded.Add((byte)(again.Length - 1));
            encoded.AddRange(again.AsSpan(1));
        }

        encoded.AddRange(envelope.Signature);
        return Decoded.Accepted($"{envelope.LastNonce} {EnvelopeSignature.DigestOf(envelope)}", [.. encoded]);
    }

    private static Decoded ReadCommand(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return Decoded.Refused("nothing");
        var type = (CommandType)input[0];
        var fault = Command.Check(type, input[1..]);
        return fault == EnvelopeFault.None ? Decoded.Accepted(type, CommandSamples.Encoded(type, input[1..])) : Decoded.Refused(fault);
    }

    private static byte[] Report()
    {
        byte[] bytes = new byte[ExchangeEvent.ReportSize];
        new ExchangeEvent { Kind = EventKind.Executed, Market = 1, Account = 2, ReportSequence = 3, Price = 4, Quantity = 5, Amount = -6, Asset = 7 }.WriteReport(bytes);
        return bytes;
    }

    private static Decoded ReadReport(ReadOnlySpan<byte> input)
    {
        if (!ExchangeEvent.TryReadReport(input, out var report))
            return Decoded.Refused("no report");
        byte[] encoded = new byte[ExchangeEvent.ReportSize];
        report.WriteReport(encoded);
        return Decoded.Accepted(report, encoded);
    }
}
