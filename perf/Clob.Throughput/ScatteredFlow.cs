namespace Clob.Throughput;

/// <summary>
/// What no price ladder likes: a million orders at random prices across 2^62, nearly each at a price of its own, then new ones and cancels by
/// turns. The generator of the other flows does not know it; here it comes from a fixed seed.
/// </summary>
internal static class ScatteredFlow
{
    public const string Name = "scattered";

    private const int Commands = 3_000_000;
    private const int Orders = 1_000_000;
    private const long Middle = 1L << 61;

    public static Flow Make()
    {
        var random = new Random(42);
        var open = new List<(ulong Id, byte Side)>(Orders + 1);
        var records = new FlowRecord[Orders + Commands];
        ulong nextId = 1;
        for (int i = 0; i < records.Length; i++)
        {
            if (i >= Orders && i % 2 == 1)
            {
                int gone = random.Next(open.Count);
                records[i] = new FlowRecord { Kind = FlowKind.Cancel, Id = open[gone].Id, Side = open[gone].Side };
                open[gone] = open[^1];
                open.RemoveAt(open.Count - 1);
                continue;
            }

            byte side = (byte)random.Next(2);
            long distance = 1 + random.NextInt64(Middle - 1);
            records[i] = new FlowRecord
            {
                Kind = FlowKind.New,
                Side = side,
                Id = nextId,
                Quantity = (uint)random.Next(1, 1000),
                Price = side == 0 ? Middle - distance : Middle + distance,
            };
            open.Add((nextId++, side));
        }

        return new Flow(records, Orders);
    }
}
