using System.Text;
using System.Text.RegularExpressions;
using Clob.Protocol;

namespace Clob.Client.Tests;

/// <summary>
/// docs/protocol.md against the code: the tables of numbers and sizes, and the example, which is computed anew. To rewrite the example
/// after a change on purpose, run with CLOB_WRITE_EXAMPLE=1.
/// </summary>
public sealed partial class ProtocolDocumentTests
{
    private const string ExampleHeading = "## Example\n";

    private static string DocumentPath
    {
        get
        {
            var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Clob.Appliance.sln")))
                folder = folder.Parent;
            Assert.That(folder, Is.Not.Null, "the test runs inside the repository");
            return Path.Combine(folder!.FullName, "docs", "protocol.md");
        }
    }

    [Test]
    public void The_example_is_what_the_code_makes()
    {
        string document = File.ReadAllText(DocumentPath);
        string expected = ProtocolExample.Write();
        if (Environment.GetEnvironmentVariable("CLOB_WRITE_EXAMPLE") == "1")
            File.WriteAllText(DocumentPath, document = document.Split(ExampleHeading)[0] + ExampleHeading + expected);
        Assert.That(document.Split(ExampleHeading).Last(), Is.EqualTo(expected));
    }

    [Test]
    public void Lists_every_command_with_its_size()
    {
        var listed = Rows().Where(r => r.Length == 4 && Enum.GetNames<CommandType>().Contains(r[1])).ToDictionary(r => r[1], r => (r[0], r[2]));
        var expected = Enum.GetValues<CommandType>().ToDictionary(t => $"{t}", t => ($"{(byte)t}", $"{SmallestBodyOf(t)}"));
        Assert.That(listed, Is.EquivalentTo(expected));
    }

    [Test]
    public void Lists_every_reason_of_a_reject() =>
        AssertListed(Section("### Reasons of rejects"), Enum.GetValues<RejectReason>().Where(r => r != RejectReason.None).Select(r => ($"{(byte)r}", $"{r}")));

    [Test]
    public void Lists_every_reason_of_a_cancellation() =>
        AssertListed(Section("### Reasons of cancellations"), Enum.GetValues<CancelReason>().Select(r => ($"{(byte)r}", $"{r}")));

    [Test]
    public void Lists_every_kind_of_report()
    {
        // what TryReadReport takes, but for Rested, which is no report
        var kinds = Enum.GetValues<EventKind>().Where(k => k <= EventKind.Triggered && k != EventKind.Rested);
        AssertListed(Section("## Execution reports"), kinds.Select(k => ($"{(byte)k}", $"{k}")));
    }

    [Test]
    public void Lists_every_feed_message_with_its_size()
    {
        var listed = Rows().Where(r => r.Length == 4 && r[0].Length == 3 && r[0][0] == '`' && int.TryParse(r[1], out _)).Select(r => (Verb: r[0][1], Size: int.Parse(r[1]))).ToList();
        Assert.That(listed.Select(r => (FeedVerb)r.Verb), Is.EquivalentTo(Enum.GetValues<FeedVerb>()));
        foreach (var (verb, size) in listed)
        {
            byte[] message = new byte[size];
            message[0] = (byte)verb;
            // Where a field has defined values only, one of them.
            var (offset, value) = (FeedVerb)verb switch
            {
                FeedVerb.SystemEvent => (11, "O"),
                FeedVerb.TradingAction => (11, "T"),
                FeedVerb.Directory => (11, "BTC/USD "),
                FeedVerb.Add or FeedVerb.Trade => (19, "B"),
                FeedVerb.ExecutedWithPrice => (35, "Y"),
                _ => (0, $"{verb}"),
            };
            Encoding.ASCII.GetBytes(value, message.AsSpan(offset));
            Assert.That(FeedMessage.TryRead(message, out _), Is.True, $"{verb}");
        }
    }

    private static void AssertListed(string section, IEnumerable<(string Number, string Name)> expected)
    {
        var listed = Rows(section).Where(r => r.Length == 3 && int.TryParse(r[0], out _) && !r[1].Contains(' ') && char.IsAsciiLetterUpper(r[1][0]))
            .Select(r => (r[0], r[1]));
        Assert.That(listed, Is.EqualTo(expected));
    }

    private static string Section(string heading)
    {
        string rest = File.ReadAllText(DocumentPath).Split(heading + "\n")[1];
        return NextHeading().Split(rest)[0];
    }

    private static IEnumerable<string[]> Rows() => Rows(File.ReadAllText(DocumentPath));

    private static IEnumerable<string[]> Rows(string text) =>
        text.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Select(l => l.Trim().Trim('|').Split(" | ").Select(c => c.Trim()).ToArray());

    private static int SmallestBodyOf(CommandType type)
    {
        for (int size = 2; size <= byte.MaxValue; size++)
        {
            if (Command.Check(type, new byte[size]) is EnvelopeFault.None or EnvelopeFault.FieldValue)
                return size;
        }

        throw new InvalidOperationException($"no body of {type} was found");
    }

    [GeneratedRegex("\n##+ ")]
    private static partial Regex NextHeading();
}

/// <summary>The worked example of docs/protocol.md.</summary>
internal static class ProtocolExample
{
    private const ulong Account = 12;
    private const ulong RecordTime = 1_767_225_600_000_000_000;

    public static string Write()
    {
        byte[] seed = Enumerable.Range(0, SigningKey.SeedSize).Select(i => (byte)i).ToArray();
        byte[] venueId = Enumerable.Range(0, Genesis.VenueIdSize).Select(i => (byte)(0xA0 + i)).ToArray();
        using var key = SigningKey.FromSeed(seed);
        byte[] envelope = Envelope(key, venueId);
        byte[] signed = new byte[8 + venueId.Length + envelope.Length];
        int signedSize = EnvelopeSignature.WriteSignedBytes(venueId, envelope.AsSpan(0, envelope.Length - Protocol.Envelope.SignatureSize), signed);
        var text = new StringBuilder();
        text.Append("\nAccount 12 has the private key (seed) `").Append(Hex(seed)).Append("`,\nso its public key is `").Append(Hex(key.PublicKey))
            .Append("`.\nThe venue id is `").Append(Hex(venueId)).Append("`.\n");
        Block(text, "Login with the token `ABCDEFGHIJ`, wanting reports from 1 on", Login());
        Block(text, "Its answer", LoginAccepted(venueId));
        Block(text, "What is signed for an envelope with first nonce 7: buy 250 lots at 1,000 ticks in market 1, good till cancel, client order id 42; then cancel order 9 there", signed.AsSpan(0, signedSize));
        Block(text, "The envelope as an unsequenced packet: head of the packet, what stands behind the venue id above, signature", Packet(SoupPacketType.UnsequencedData, envelope));
        Block(text, "The report Accepted, the 31st of the account, caused by journal record 4711: the order's id is 10", Packet(SoupPacketType.SequencedData, Report()));
        Block(text, "The feed's packet with messages 88 and 89: order 10 rests, order 9 is gone", Feed(venueId));
        Block(text, "The command of an iceberg, type and length first: sell 1,000 lots at 1,010 ticks in market 1, good till cancel, showing 100 at a time; what is left is cancelled before it trades with an order of its own account (presence bits 3 and 4)", Iceberg());
        Block(text, "The feed's messages, without a packet, when 100 lots of that order, number 11, are taken in match 5: they are executed, the next 100 rest", Portion());
        return text.ToString();
    }

    private static byte[] Envelope(SigningKey key, byte[] venueId)
    {
        var builder = new EnvelopeBuilder(new byte[Protocol.Envelope.MaximumSize], Account, firstNonce: 7);
        builder.TryAdd(NewOrder.Limit(1, Side.Buy, 1000, 250) with { ClientOrderId = 42 });
        builder.TryAdd(new Cancel(1, 9));
        return builder.Sign(key, venueId).ToArray();
    }

    private static byte[] Iceberg()
    {
        byte[] body = new byte[byte.MaxValue];
        int size = (NewOrder.Iceberg(1, Side.Sell, 1010, 1000, 100) with { SelfTradePrevention = SelfTradePrevention.CancelNewest }).Write(body);
        return [(byte)CommandType.NewOrder, (byte)size, .. body.AsSpan(0, size)];
    }

    private static byte[] Portion()
    {
        var encoding = new NativeFeedEncoding();
        byte[] messages = new byte[encoding.MaximumMessageSize * 2];
        var executed = new ExchangeEvent { Kind = EventKind.Executed, Market = 1, Time = RecordTime, OrderId = 11, Quantity = 100, Reference = 5 };
        var rested = new ExchangeEvent { Kind = EventKind.Rested, Side = (byte)Side.Sell, Market = 1, Time = RecordTime, OrderId = 11, Price = 1010, Quantity = 100 };
        int size = encoding.Encode(executed, messages);
        size += encoding.Encode(rested, messages.AsSpan(size));
        return messages[..size];
    }

    private static byte[] Login()
    {
        byte[] login = new byte[SoupLogin.Size];
        new SoupLogin(Account, "ABCDEFGHIJ", "", 1).Write(login);
        return Packet(SoupPacketType.LoginRequest, login);
    }

    private static byte[] LoginAccepted(byte[] venueId)
    {
        byte[] accepted = new byte[SoupLoginAccepted.Size];
        new SoupLoginAccepted(MoldUdp64.SessionName(venueId), 1).Write(accepted);
        return Packet(SoupPacketType.LoginAccepted, accepted);
    }

    private static byte[] Report()
    {
        byte[] report = new byte[ExchangeEvent.ReportSize];
        new ExchangeEvent
        {
            Kind = EventKind.Accepted,
            Side = (byte)Side.Buy,
            Market = 1,
            Account = Account,
            ReportSequence = 31,
            RecordSequence = 4711,
            Time = RecordTime,
            Nonce = 7,
            OrderId = 10,
            Price = 1000,
            Quantity = 250,
            OpenQuantity = 250,
            ClientOrderId = 42,
        }.WriteReport(report);
        return report;
    }

    private static byte[] Feed(byte[] venueId)
    {
        var encoding = new NativeFeedEncoding();
        byte[] packet = new byte[1400];
        MoldUdp64.WriteHead(packet, Encoding.ASCII.GetBytes(MoldUdp64.SessionName(venueId)), 88, 2);
        int size = MoldUdp64.HeadSize;
        var rested = new ExchangeEvent { Kind = EventKind.Rested, Side = (byte)Side.Buy, Market = 1, Time = RecordTime, OrderId = 10, Price = 1000, Quantity = 250 };
        var cancelled = new ExchangeEvent { Kind = EventKind.Cancelled, Market = 1, Time = RecordTime, OrderId = 9 };
        foreach (var happened in new[] { rested, cancelled })
        {
            int length = encoding.Encode(happened, packet.AsSpan(size + MoldUdp64.MessageHeadSize));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(size), (ushort)length);
            size += MoldUdp64.MessageHeadSize + length;
        }

        return packet[..size];
    }

    private static byte[] Packet(SoupPacketType type, ReadOnlySpan<byte> payload) => ScriptedVenue.Packet(type, payload);

    private static void Block(StringBuilder text, string title, ReadOnlySpan<byte> bytes)
    {
        text.Append('\n').Append(title).Append(" (").Append(bytes.Length).Append(" bytes):\n\n```\n");
        for (int offset = 0; offset < bytes.Length; offset += 16)
        {
            var line = bytes[offset..Math.Min(offset + 16, bytes.Length)];
            var row = new StringBuilder($"{offset:x4}  ");
            for (int i = 0; i < 16; i++)
                row.Append(i < line.Length ? $"{line[i]:x2} " : "   ").Append(i == 7 ? " " : "");
            row.Append(' ');
            foreach (byte value in line)
                row.Append(value is >= 0x20 and < 0x7f ? (char)value : '.');
            text.Append(row.ToString().TrimEnd()).Append('\n');
        }

        text.Append("```\n");
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
