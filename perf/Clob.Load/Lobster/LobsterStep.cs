using Clob.Protocol;

namespace Clob.Load.Lobster;

/// <summary>What an order of a step does.</summary>
internal enum LobsterOrderKind
{
    /// <summary>Rests a new order.</summary>
    Add,

    /// <summary>Takes quantity off an order.</summary>
    Reduce,

    /// <summary>Cancels an order.</summary>
    Cancel,

    /// <summary>Takes liquidity, immediate or cancel.</summary>
    Take,
}

/// <summary>One order to send.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Key">Which order: the file's id, or a negative number for an anonymous one; 0 for a take.</param>
/// <param name="Side">Side of the order itself.</param>
/// <param name="Price">Limit, 0.0001 USD.</param>
/// <param name="Quantity">Shares.</param>
internal readonly record struct LobsterOrder(LobsterOrderKind Kind, long Key, Side Side, ulong Price, ulong Quantity);

/// <summary>A fill that a take must cause.</summary>
/// <param name="Key">The resting order that is hit.</param>
/// <param name="Quantity">Shares.</param>
/// <param name="Row">The row that the book equals once this fill is done; null while the row's message needs more fills.</param>
internal readonly record struct LobsterFill(long Key, ulong Quantity, int? Row);

/// <summary>What one row, or a run of executions, asks of the market.</summary>
/// <param name="FirstRow">First row, from 0.</param>
/// <param name="LastRow">Last row; the book equals it after the step.</param>
/// <param name="Orders">What to send, in order; a take comes last.</param>
/// <param name="Fills">The fills that the take must cause, in order.</param>
internal sealed record LobsterStep(int FirstRow, int LastRow, IReadOnlyList<LobsterOrder> Orders, IReadOnlyList<LobsterFill> Fills);

/// <summary>The files ask for something that no book can give; names the row.</summary>
internal sealed class LobsterFileException(int row, string message) : Exception($"row {row + 1}: {message}");
