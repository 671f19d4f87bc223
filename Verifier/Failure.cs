using System.Globalization;
using System.Text;

namespace Clob.Verifier;

/// <summary>The first thing that does not hold: where it is, what was expected, what was found.</summary>
/// <param name="Code">Which kind of thing; never <see cref="ExitCode.Success"/>.</param>
/// <param name="Expected">What had to be there.</param>
/// <param name="Found">What is there.</param>
internal sealed record Failure(ExitCode Code, string Expected, string Found)
{
    /// <summary>The record, where one is concerned.</summary>
    public ulong? Sequence { get; init; }

    /// <summary>The checkpoint by its place in the ledger, from 1, where one is concerned.</summary>
    public ulong? Checkpoint { get; init; }

    /// <summary>The segment's file, the ledger's or the batch, where one is known.</summary>
    public string? Segment { get; init; }

    /// <summary>Byte offset in <see cref="Segment"/>: of the damage, or of the group that holds the record.</summary>
    public long? Offset { get; init; }

    /// <summary>The kind's name in <c>--json</c>.</summary>
    public string Kind => Code switch
    {
        ExitCode.Mismatch => "mismatch",
        ExitCode.BadSignature => "bad_signature",
        ExitCode.Damaged => "damaged",
        ExitCode.MissingData => "missing_data",
        ExitCode.Usage => "usage",
        _ => "internal_error",
    };

    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        List<string> places = [];
        if (Checkpoint is { } checkpoint)
            places.Add(string.Create(CultureInfo.InvariantCulture, $"checkpoint {checkpoint}"));
        if (Sequence is { } sequence)
            places.Add(string.Create(CultureInfo.InvariantCulture, $"sequence {sequence}"));
        if (Segment is not null)
            places.Add(Offset is { } offset ? string.Create(CultureInfo.InvariantCulture, $"{Segment} offset {offset}") : Segment);
        var line = new StringBuilder("FAILED (").Append(Kind.Replace('_', ' ')).Append(')');
        if (places.Count > 0)
            line.Append(" at ").AppendJoin(", ", places);
        return line.Append(": expected ").Append(Expected).Append("; found ").Append(Found).ToString().ReplaceLineEndings(" ");
    }
}

/// <summary>Ends a verification at its first failure.</summary>
internal sealed class VerificationFailedException(Failure failure) : Exception(failure.ToString())
{
    /// <summary>What did not hold.</summary>
    public Failure Failure { get; } = failure;
}
