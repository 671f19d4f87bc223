using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clob.Throughput;

/// <summary>
/// The least that any engine does: reads the records and touches (reads and writes) one cache line of its order per record, in memory
/// that was written before.
/// </summary>
internal sealed class TouchFloor : FlowDriver
{
    private readonly Flow _flow;
    private readonly Line[] _lines;

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Line
    {
        public ulong Touched;
    }

    public TouchFloor(Flow flow)
    {
        _flow = flow;
        _lines = GC.AllocateArray<Line>(flow.HighestId + 1, pinned: true);
        _lines.AsSpan().Fill(new Line { Touched = 1 });
    }

    public override FillDigest Fills => new();

    public override int OpenOrders => 0;

    public override long Bytes => (long)_lines.Length * Unsafe.SizeOf<Line>();

    public override void Apply(int from, int to)
    {
        ref Line lines = ref MemoryMarshal.GetArrayDataReference(_lines);
        foreach (ref readonly var record in _flow.Records.AsSpan(from, to - from))
            unchecked { Unsafe.Add(ref lines, (nint)record.Id).Touched += record.Quantity; }
    }
}
