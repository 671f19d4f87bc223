using Clob.Protocol;

namespace Clob.Verifier.Inspection;

/// <summary>A named value of a record or command.</summary>
/// <param name="Name">In snake case, as <c>--json</c> prints it.</param>
/// <param name="Value">An unsigned or signed integer, a boolean, an enumeration, a <see cref="UtcTime"/>, a list of integers, or something whose text says it.</param>
internal readonly record struct Field(string Name, object Value);

/// <summary>A command of an envelope.</summary>
/// <param name="Nonce">Its nonce.</param>
/// <param name="Type">What it asks for.</param>
/// <param name="Fields">What it says, in the order of its definition.</param>
internal sealed record DecodedCommand(ulong Nonce, CommandType Type, IReadOnlyList<Field> Fields);

/// <summary>A record in readable pieces.</summary>
/// <param name="Sequence">Its position in the journal.</param>
/// <param name="Size">Bytes.</param>
internal sealed record DecodedRecord(long Sequence, int Size)
{
    /// <summary>Kind and time; null when the record has no head.</summary>
    public RecordHeader? Head { get; init; }

    /// <summary>What the payload says; an envelope's commands are beside it.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>An envelope's signature in hexadecimal digits; nobody has checked it. Null for other kinds.</summary>
    public string? Signature { get; init; }

    /// <summary>The commands of an envelope.</summary>
    public IReadOnlyList<DecodedCommand> Commands { get; init; } = [];

    /// <summary>Why the payload, or without a head the record, cannot be decoded; null when it can.</summary>
    public string? Undecodable { get; init; }

    /// <summary>The bytes that cannot be decoded, in hexadecimal digits.</summary>
    public string? Hex { get; init; }

    /// <summary>Where the record stands and its hashes, when they are asked for.</summary>
    public RecordDetails? Details { get; init; }
}

/// <summary>Where a record stands, and what it is hashed to.</summary>
/// <param name="LeafHash">Its leaf in the tree over the journal, log J.</param>
/// <param name="ChainHash">The chain hash after it.</param>
/// <param name="Segment">The segment's file.</param>
/// <param name="GroupOffset">Byte offset of the group that holds it.</param>
internal sealed record RecordDetails(string LeafHash, string ChainHash, string Segment, long GroupOffset);
