using System.Globalization;
using Clob.Protocol;

namespace Clob.Load.Lobster;

/// <summary>Types of LOBSTER messages.</summary>
internal enum LobsterType
{
    Add = 1,
    PartialCancel = 2,
    Delete = 3,
    Execution = 4,
    HiddenExecution = 5,
    Cross = 6,
    Halt = 7,
}

/// <summary>One line of a message file.</summary>
/// <param name="Time">Seconds after midnight as they stand in the file: only equality matters.</param>
/// <param name="Type">What happened.</param>
/// <param name="OrderId">The exchange's order id.</param>
/// <param name="Size">Shares.</param>
/// <param name="Price">0.0001 USD.</param>
/// <param name="Side">Side of the resting order.</param>
internal sealed record LobsterMessage(string Time, LobsterType Type, long OrderId, ulong Size, ulong Price, Side Side);

/// <summary>A visible level of a row.</summary>
internal readonly record struct LobsterLevel(ulong Price, ulong Size);

/// <summary>One line of an order book file: the levels of both sides after the message of the same line, best first.</summary>
internal sealed record LobsterRow(IReadOnlyList<LobsterLevel> Bids, IReadOnlyList<LobsterLevel> Asks)
{
    public IReadOnlyList<LobsterLevel> Side(Side side) => side == Protocol.Side.Buy ? Bids : Asks;
}

/// <summary>
/// A pair of files: messages and the book after each of them. Message: time, type, order id, size, price, direction (1 buy, -1 sell).
/// Book: ask price, ask size, bid price, bid size per level; a level that is empty has size 0 and a price of ±9999999999.
/// </summary>
internal sealed record LobsterFile(IReadOnlyList<LobsterMessage> Messages, IReadOnlyList<LobsterRow> Rows, int Depth)
{
    private const int MessageFields = 6;
    private const int FieldsPerLevel = 4;

    /// <exception cref="FormatException">A line is not of that form; names the file and the line.</exception>
    public static LobsterFile Read(string messagePath, string bookPath)
    {
        var messages = ReadLines(messagePath, ParseMessage);
        var rows = ReadLines(bookPath, ParseRow);
        if (messages.Count != rows.Count || messages.Count == 0)
            throw new FormatException($"{messagePath} has {messages.Count} lines and {bookPath} {rows.Count}: they belong together line by line");
        int depth = rows.Max(r => Math.Max(r.Bids.Count, r.Asks.Count));
        return new LobsterFile(messages, rows, depth);
    }

    private static List<T> ReadLines<T>(string path, Func<string[], T> parse)
    {
        var read = new List<T>();
        foreach (string line in File.ReadLines(path))
        {
            try
            {
                read.Add(parse(line.Split(',')));
            }
            catch (Exception failure) when (failure is FormatException or OverflowException)
            {
                throw new FormatException($"{path} line {read.Count + 1}: {failure.Message}", failure);
            }
        }

        return read;
    }

    private static LobsterMessage ParseMessage(string[] fields)
    {
        if (fields.Length != MessageFields)
            throw new FormatException($"a message has {MessageFields} fields, this has {fields.Length}");
        int type = int.Parse(fields[1], CultureInfo.InvariantCulture);
        var side = fields[5].Trim() switch
        {
            "1" => Side.Buy,
            "-1" => Side.Sell,
            _ => throw new FormatException($"a direction is 1 or -1, this is {fields[5]}"),
        };
        if (type is < 1 or > 7)
            throw new FormatException($"a message type is 1 to 7, this is {type}");
        bool hasOrder = type <= (int)LobsterType.Execution;
        return new LobsterMessage(
            fields[0], (LobsterType)type, long.Parse(fields[2], CultureInfo.InvariantCulture),
            hasOrder ? Number(fields[3]) : 0, hasOrder ? Number(fields[4]) : 0, side);
    }

    private static LobsterRow ParseRow(string[] fields)
    {
        if (fields.Length % FieldsPerLevel != 0)
            throw new FormatException($"a row has {FieldsPerLevel} fields per level, this has {fields.Length}");
        var bids = new List<LobsterLevel>();
        var asks = new List<LobsterLevel>();
        for (int i = 0; i < fields.Length; i += FieldsPerLevel)
        {
            if (Number(fields[i + 1]) is > 0 and var askSize)
                asks.Add(new LobsterLevel(Number(fields[i]), askSize));
            if (Number(fields[i + 3]) is > 0 and var bidSize)
                bids.Add(new LobsterLevel(Number(fields[i + 2]), bidSize));
        }

        return new LobsterRow(bids, asks);
    }

    private static ulong Number(string field) => ulong.Parse(field, NumberStyles.None, CultureInfo.InvariantCulture);
}
