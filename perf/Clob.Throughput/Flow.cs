using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Clob.Throughput;

/// <summary>What a record of a flow asks for.</summary>
internal enum FlowKind : byte
{
    New = 0,
    Cancel = 1,
    Reduce = 2,
    Replace = 3,
}

/// <summary>
/// One record, little-endian.
/// <code>
///  0      1      2       4          8    16      24
///  │ type │ side │ flags │ quantity │ id │ price │
///  │ u8   │ u8   │ u16   │ u32      │ u64│ i64   │
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct FlowRecord
{
    public const int Size = 24;

    public FlowKind Kind;
    public byte Side; // 0 buy, 1 sell
    public ushort Flags;
    public uint Quantity;
    public ulong Id;
    public long Price;
}

/// <summary>
/// A flow in memory. Its ids are replaced, once at the start, by those that a venue gives: the n-th order accepted has id n, a replaced
/// order gets a new one, and who cancels names the id that the venue's report told him. Where the flow numbers its orders the same way
/// (every flow without Replace does) nothing changes.
/// </summary>
internal sealed class Flow
{
    private const int HeaderSize = 64;
    private static ReadOnlySpan<byte> Magic => "CLOBFLW1"u8;

    /// <param name="records">The preload, then the commands.</param>
    /// <param name="preload">Records before what is measured.</param>
    public Flow(FlowRecord[] records, int preload)
    {
        Records = records;
        Preload = preload;
        FlowIds = Translate(records);
        PriceLevels = records.Where(record => record.Kind is FlowKind.New or FlowKind.Replace).Select(record => record.Price).Distinct().Count();
    }

    /// <summary>The preload, then the commands.</summary>
    public FlowRecord[] Records { get; }

    /// <summary>Records before what is measured.</summary>
    public int Preload { get; }

    /// <summary>The flow's own id by the venue's; null when they are equal.</summary>
    public ulong[]? FlowIds { get; }

    /// <summary>Different prices.</summary>
    public int PriceLevels { get; }

    /// <summary>Highest id of the venue.</summary>
    public int HighestId { get; private set; }

    /// <exception cref="InvalidDataException">The file is no flow of version 1.</exception>
    public static Flow Load(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> header = stackalloc byte[HeaderSize];
        file.ReadExactly(header);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        uint recordSize = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        if (!header[..8].SequenceEqual(Magic) || version != 1 || recordSize != FlowRecord.Size)
            throw new InvalidDataException($"{path} is no flow of version 1 with records of {FlowRecord.Size} bytes");
        int preload = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(header[16..]));
        int commands = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(header[24..]));
        var records = new FlowRecord[preload + commands];
        for (int at = 0; at < records.Length; at += 1 << 20) // below the 2 GiB of a span of bytes, however long the flow
            file.ReadExactly(MemoryMarshal.AsBytes(records.AsSpan(at, Math.Min(1 << 20, records.Length - at))));
        return new Flow(records, preload);
    }

    private ulong[]? Translate(FlowRecord[] records)
    {
        var venueIds = new Dictionary<ulong, ulong>();
        var flowIds = new List<ulong> { 0 };
        bool isSame = true;
        foreach (ref var record in records.AsSpan())
        {
            ulong flowId = record.Id;
            if (record.Kind != FlowKind.New)
                record.Id = venueIds[flowId];
            if (record.Kind is not (FlowKind.New or FlowKind.Replace))
                continue;
            ulong venueId = (ulong)flowIds.Count;
            venueIds[flowId] = venueId;
            flowIds.Add(flowId);
            isSame &= flowId == venueId;
            if (record.Kind == FlowKind.New)
                record.Id = venueId;
        }

        HighestId = flowIds.Count - 1;
        return isSame ? null : [.. flowIds];
    }
}
