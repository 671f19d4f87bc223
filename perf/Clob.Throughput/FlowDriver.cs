namespace Clob.Throughput;

/// <summary>Something that a flow runs through. Whole stretches of records go in with one call, so that the call itself costs nothing.</summary>
internal abstract class FlowDriver
{
    /// <summary>Everything that was filled so far.</summary>
    public abstract FillDigest Fills { get; }

    /// <summary>Orders that rest now.</summary>
    public abstract int OpenOrders { get; }

    /// <summary>Bytes taken for orders, levels and indexes, in use or not.</summary>
    public abstract long Bytes { get; }

    /// <summary>Applies the records from <paramref name="from"/> until before <paramref name="to"/>.</summary>
    public abstract void Apply(int from, int to);

    /// <summary>What must hold at the end of a run, beyond the fills.</summary>
    public virtual void Check()
    {
    }
}
