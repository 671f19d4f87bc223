namespace Clob.Engine;

/// <summary>Told of every fill while a book matches. It must not change the book.</summary>
public interface IFillSink
{
    /// <summary>
    /// A resting order traded. The book shows what is left of it, also when that is nothing; its number is free for another order after
    /// the call then.
    /// </summary>
    /// <param name="maker">Number of the resting order.</param>
    /// <param name="order">The resting order, its quantity already lowered.</param>
    /// <param name="price">Ticks, the resting order's price.</param>
    /// <param name="quantity">Lots.</param>
    void OnFill(uint maker, in RestingOrder order, ulong price, ulong quantity);
}
