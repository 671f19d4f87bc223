namespace Clob.Engine;

/// <summary>
/// Told of every fill while a book matches, and asked before it, where it wants to be. It must not change the book. A struct as generic
/// argument is called directly, so the just-in-time compiler may inline it.
/// </summary>
public interface IFillSink
{
    /// <summary>
    /// Whether <see cref="Choose"/> is asked before each fill. A constant of the type: for a sink that does not choose, the compiled
    /// matching loop holds no trace of the question.
    /// </summary>
    static abstract bool ChoosesMakers { get; }

    /// <summary>
    /// What becomes of the resting order whose turn it is. The sink has taken it out of everything but the book when it says
    /// <see cref="MakerChoice.Remove"/>; the book does its part after the call.
    /// </summary>
    /// <param name="maker">Number of the resting order.</param>
    /// <param name="order">The resting order.</param>
    /// <param name="price">Ticks, the resting order's price.</param>
    MakerChoice Choose(uint maker, in RestingOrder order, ulong price);

    /// <summary>
    /// A resting order traded. The book shows what is left of it, also when that is nothing: an iceberg with a reserve goes on with
    /// <see cref="OnPortion"/>; of any other order the number is free for another after the call.
    /// </summary>
    /// <param name="maker">Number of the resting order.</param>
    /// <param name="order">The resting order, its displayed quantity already lowered.</param>
    /// <param name="price">Ticks, the resting order's price.</param>
    /// <param name="quantity">Lots.</param>
    void OnFill(uint maker, in RestingOrder order, ulong price, ulong quantity);

    /// <summary>After <see cref="OnFill"/> took all that an iceberg displayed: its next portion stands at the end of its level's queue.</summary>
    /// <param name="maker">Number of the resting order.</param>
    /// <param name="order">The resting order, its displayed quantity that of the new portion.</param>
    /// <param name="price">Ticks, the resting order's price.</param>
    void OnPortion(uint maker, in RestingOrder order, ulong price);
}

/// <summary>What a sink wants done with a resting order before it would trade.</summary>
[Flags]
public enum MakerChoice : byte
{
    /// <summary>It trades.</summary>
    Trade = 0,

    /// <summary>It leaves the book without trading; matching goes on with the next.</summary>
    Remove = 1,

    /// <summary>Matching ends here; the order stays unless <see cref="Remove"/> is set too.</summary>
    Stop = 2,
}
