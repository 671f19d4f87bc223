using System.Runtime.CompilerServices;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Throughput;

/// <summary>The bare order book: no accounts, no money, no events but the fills.</summary>
internal sealed class BookDriver : FlowDriver
{
    private readonly Flow _flow;
    private readonly BookStorage _storage;
    private readonly OrderBook _book;
    private ulong _nextId = 1;
    private Fold _fold;

    /// <param name="flow">What will be applied.</param>
    /// <param name="orders">Most orders that will rest at a time: what an operator sizes memory by.</param>
    public BookDriver(Flow flow, int orders)
    {
        _flow = flow;
        _storage = new BookStorage(orders, Math.Min(orders, flow.PriceLevels));
        _book = new OrderBook(_storage);
        _fold = new Fold { FlowIds = flow.FlowIds };
    }

    public override FillDigest Fills => _fold.Fills;

    public override int OpenOrders => _storage.OpenOrders;

    public override long Bytes => _storage.Bytes;

    public override void Apply(int from, int to)
    {
        if (_book.IsLookaheadUseful)
            ApplyLookingAhead(from, to);
        else
            ApplyPlainly(from, to);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ApplyPlainly(int from, int to)
    {
        foreach (ref readonly var record in _flow.Records.AsSpan(from, to - from))
            Apply(record);
    }

    /// <summary>With a batch at hand, what later commands need can be on its way from memory while earlier ones are applied.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ApplyLookingAhead(int from, int to)
    {
        var records = _flow.Records.AsSpan(from, to - from);
        for (int i = 0; i < records.Length; i++)
        {
            if (i + OrderBook.ExpectAhead < records.Length)
                Expect(records[i + OrderBook.ExpectAhead], records[i + OrderBook.ExpectOrderAhead], records[i + OrderBook.ExpectNeighboursAhead]);
            Apply(records[i]);
        }
    }

    private void Expect(in FlowRecord first, in FlowRecord second, in FlowRecord last)
    {
        if (first.Kind != FlowKind.New)
            _book.Expect(first.Id);
        if (second.Kind != FlowKind.New)
            _book.ExpectOrder(second.Id);
        else
            _book.ExpectLevel(SideOf(second.Side), (ulong)second.Price);
        if (last.Kind != FlowKind.New)
            _book.ExpectNeighbours(last.Id);
        else
            _book.ExpectLast(SideOf(last.Side), (ulong)last.Price);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Apply(in FlowRecord record)
    {
        if (record.Kind == FlowKind.New)
            Place(record.Side, unchecked((ulong)record.Price), record.Quantity);
        else
            Change(record);
    }

    /// <summary>0 and 1 as the wire has them, without a branch.</summary>
    private static Side SideOf(byte side)
    {
        unchecked
        {
            return (Side)(side + (byte)Side.Buy);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Place(byte side, ulong price, ulong quantity)
    {
        ulong id = _nextId;
        unchecked
        {
            _nextId = id + 1;
        }

        _fold.Taker = id;
        var ofSide = SideOf(side);
        ulong open = _book.Match(ofSide, price, quantity, ref _fold);
        if (open != 0)
            _book.Rest(ofSide, price, open, id);
    }

    private void Change(in FlowRecord record)
    {
        uint order = _storage.Find(record.Id);
        if (order == 0)
            throw NotOpen(record.Id);
        if (record.Kind == FlowKind.Reduce && record.Quantity < _storage[order].Quantity)
        {
            _book.Reduce(order, record.Quantity);
            return;
        }

        _book.Remove(order);
        if (record.Kind == FlowKind.Replace)
            Replace(record);
    }

    // Apart, as whatever follows, so that the compiler has room for what is hot.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Replace(in FlowRecord record) => Place(record.Side, (ulong)record.Price, record.Quantity);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InvalidDataException NotOpen(ulong id) => new($"order {id} is not open");

    private struct Fold() : IFillSink
    {
        public ulong[]? FlowIds;
        public ulong Taker;
        public FillDigest Fills = new();

        public static bool ChoosesMakers => false;

        public readonly MakerChoice Choose(uint maker, in RestingOrder order, ulong price) => MakerChoice.Trade;

        public readonly void OnPortion(uint maker, in RestingOrder order, ulong price)
        {
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void OnFill(uint maker, in RestingOrder order, ulong price, ulong quantity)
        {
            if (FlowIds is null)
                Fills.Add(order.Id, Taker, price, quantity);
            else
                Fills.Add(FlowIds[order.Id], FlowIds[Taker], price, quantity);
        }
    }
}
