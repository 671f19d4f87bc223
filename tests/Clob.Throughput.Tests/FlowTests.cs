using System.Buffers.Binary;

namespace Clob.Throughput.Tests;

/// <summary>What is measured fills the same orders in the same order as the reference book of the flow's generator.</summary>
public sealed class FlowTests
{
    private const int Commands = 50_000;

    [TestCase("realistic")]
    [TestCase("deep")]
    [TestCase("sweep")]
    [TestCase("addmatch")]
    public void Fills_what_the_generator_fills(string scenario)
    {
        using var generator = new FlowGenerator();
        var (path, fills) = generator.Write(scenario, Commands);
        Assert.That(fills, Does.Contain("digest="));
        var flow = Flow.Load(path);
        Assert.That(flow.Records, Has.Length.EqualTo(flow.Preload + Commands));
        Assert.That(flow.FlowIds, Is.Null, "the generator numbers its orders as a venue does");
        Assert.That($"{Applied(flow, new BookDriver(flow, 1024)).Fills}", Is.EqualTo(fills));
        Assert.That($"{Applied(flow, new ExchangeDriver(flow, new EncodedCommands(flow, withDigests: false), 1024, inEnvelopes: false)).Fills}", Is.EqualTo(fills));
        Assert.That(Applied(flow, new TouchFloor(flow)).Fills.Trades, Is.Zero);
    }

    [Test]
    public void Every_kind_of_record_works_under_the_ids_of_a_venue()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, FlowOf(
            [(0, 1, 10, 70, 105), (0, 1, 10, 50, 103), (3, 1, 5, 70, 102), (2, 1, 4, 50, 0), (0, 0, 8, 90, 104), (1, 1, 0, 50, 0), (0, 0, 3, 91, 104)]));
        var flow = Flow.Load(path);
        File.Delete(path);
        Assert.That(flow.Records.Select(r => r.Id), Is.EqualTo((ulong[])[1, 2, 1, 2, 4, 2, 5]));
        Assert.That(flow.FlowIds, Is.EqualTo((ulong[])[0, 70, 50, 70, 90, 91]));
        var expected = new FillDigest();
        expected.Add(70, 90, 102, 5); // the replaced order first: it has the better price
        expected.Add(50, 90, 103, 3); // three of the six that the reduction left
        var book = Applied(flow, new BookDriver(flow, 16));
        Assert.That((book.Fills, book.OpenOrders), Is.EqualTo((expected, 1)));
        foreach (bool inEnvelopes in (bool[])[false, true])
        {
            var exchange = Applied(flow, new ExchangeDriver(flow, new EncodedCommands(flow, withDigests: inEnvelopes), 16, inEnvelopes));
            Assert.That((exchange.Fills, exchange.OpenOrders), Is.EqualTo((expected, 1)));
        }
    }

    [Test]
    public void A_file_of_something_else_is_refused()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[64]);
        Assert.Throws<InvalidDataException>(() => Flow.Load(path));
        File.Delete(path);
    }

    private static FlowDriver Applied(Flow flow, FlowDriver driver)
    {
        driver.Apply(0, flow.Preload);
        driver.Apply(flow.Preload, flow.Records.Length);
        driver.Check();
        return driver;
    }

    /// <summary>Type, side, quantity, id, price.</summary>
    private static byte[] FlowOf((byte Type, byte Side, uint Quantity, ulong Id, long Price)[] records)
    {
        byte[] bytes = new byte[64 + records.Length * FlowRecord.Size];
        "CLOBFLW1"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), FlowRecord.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), (ulong)records.Length);
        for (int i = 0; i < records.Length; i++)
        {
            var record = bytes.AsSpan(64 + i * FlowRecord.Size);
            record[0] = records[i].Type;
            record[1] = records[i].Side;
            BinaryPrimitives.WriteUInt32LittleEndian(record[4..], records[i].Quantity);
            BinaryPrimitives.WriteUInt64LittleEndian(record[8..], records[i].Id);
            BinaryPrimitives.WriteInt64LittleEndian(record[16..], records[i].Price);
        }

        return bytes;
    }
}
