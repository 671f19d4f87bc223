using System.Globalization;
using System.Text;

namespace Clob.Proofs;

/// <summary>A run of journal records that the DA layer holds.</summary>
/// <param name="First">The sequence of the first record.</param>
/// <param name="Count">The number of records, at least 1.</param>
/// <param name="Hash">SHA-256 of the batch's bytes.</param>
/// <param name="Commitment">What the DA layer gave to fetch the batch by, at least one byte.</param>
public sealed record DaBatch(ulong First, ulong Count, Hash256 Hash, ReadOnlyMemory<byte> Commitment);

/// <summary>
/// What the venue says about itself at a Mark: a leaf of log C. As text, plain ASCII with one form only, each line ended by a line
/// feed, numbers decimal without leading zeros, hashes as 64 lower-case hexadecimal digits:
/// <code>
/// clob-checkpoint/v1
/// venue (venue id)
/// number (from 1)
/// sequence (of the Mark's record)
/// time (of the Mark's record, ns since the epoch)
/// journal (size, the Mark included) (RFC 6962 root)
/// records (RFC 6962 root over the records since the previous checkpoint's Mark, this Mark included)
/// events (RFC 6962 root over the events those records caused)
/// state (state root after the Mark)
/// previous (SHA-256 of the previous checkpoint's core, zeros for the first)
/// engine (engine hash)
/// da (number of leading journal records on the DA layer when the text was made)
/// batch (first sequence) (count) (SHA-256 of the batch) (commitment)             none or more
/// </code>
/// The lines up to <c>engine</c> are the core, a pure function of the journal. The others say how far publication was and may
/// differ when a record is made again after a crash: the chain hashes cores only.
/// </summary>
public sealed class CheckpointRecord : IEquatable<CheckpointRecord>
{
    /// <summary>The first line.</summary>
    public const string Header = "clob-checkpoint/v1";

    /// <summary>The venue id: SHA-256 of the Genesis record.</summary>
    public required Hash256 Venue { get; init; }

    /// <summary>The checkpoint's number, from 1.</summary>
    public required ulong Number { get; init; }

    /// <summary>The sequence of the Mark's record.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>The time of the Mark's record, nanoseconds since the epoch.</summary>
    public required ulong Time { get; init; }

    /// <summary>The number of journal records up to the Mark, which is included.</summary>
    public required ulong JournalSize { get; init; }

    /// <summary>The RFC 6962 root over those records.</summary>
    public required Hash256 JournalRoot { get; init; }

    /// <summary>The RFC 6962 root over the records since the previous checkpoint's Mark, this Mark included.</summary>
    public required Hash256 RecordsRoot { get; init; }

    /// <summary>The RFC 6962 root over the events that those records caused.</summary>
    public required Hash256 EventsRoot { get; init; }

    /// <summary>The state root after the Mark.</summary>
    public required Hash256 StateRoot { get; init; }

    /// <summary><see cref="CoreHash"/> of the previous checkpoint; zeros for the first.</summary>
    public required Hash256 Previous { get; init; }

    /// <summary>SHA-256 over the engine's code in force at the Mark.</summary>
    public required Hash256 Engine { get; init; }

    /// <summary>The number of leading journal records that the DA layer held when the text was made.</summary>
    public required ulong DaSize { get; init; }

    /// <summary>The batches that the DA layer took since the previous checkpoint's text was made, in journal order.</summary>
    public required IReadOnlyList<DaBatch> Batches { get; init; }

    /// <summary>SHA-256 of the core's text: what the next checkpoint names as <see cref="Previous"/>.</summary>
    public Hash256 CoreHash() => Hash256.Of(Encoding.ASCII.GetBytes(CoreText()));

    /// <summary>Reads the text of a checkpoint; the error names the line and what is wrong there.</summary>
    public static bool TryParse(string text, out CheckpointRecord? record, out string? error)
    {
        FieldReader reader = new(text);
        CheckpointRecord read = Read(ref reader);
        reader.End();
        error = reader.Error;
        // The fields are read strictly; that the text has no second form is worth asking for itself.
        if (error is null && read.ToString() != text)
            error = "it is not the canonical text of what it says";
        record = error is null ? read : null;
        return error is null;
    }

    /// <summary>The text, the one form that <see cref="TryParse"/> reads back.</summary>
    public override string ToString()
    {
        StringBuilder text = new(CoreText());
        text.Append(CultureInfo.InvariantCulture, $"da {DaSize}\n");
        foreach (DaBatch batch in Batches)
        {
            string commitment = Convert.ToHexStringLower(batch.Commitment.Span);
            text.Append(CultureInfo.InvariantCulture, $"batch {batch.First} {batch.Count} {batch.Hash} {commitment}\n");
        }
        return text.ToString();
    }

    /// <summary>The text up to and including the engine line: a pure function of the journal.</summary>
    public string CoreText() => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"{Header}\n")
        .Append(CultureInfo.InvariantCulture, $"venue {Venue}\n")
        .Append(CultureInfo.InvariantCulture, $"number {Number}\n")
        .Append(CultureInfo.InvariantCulture, $"sequence {Sequence}\n")
        .Append(CultureInfo.InvariantCulture, $"time {Time}\n")
        .Append(CultureInfo.InvariantCulture, $"journal {JournalSize} {JournalRoot}\n")
        .Append(CultureInfo.InvariantCulture, $"records {RecordsRoot}\n")
        .Append(CultureInfo.InvariantCulture, $"events {EventsRoot}\n")
        .Append(CultureInfo.InvariantCulture, $"state {StateRoot}\n")
        .Append(CultureInfo.InvariantCulture, $"previous {Previous}\n")
        .Append(CultureInfo.InvariantCulture, $"engine {Engine}\n")
        .ToString();

    /// <summary>
    /// The first line in which this core differs from the expected one, for people; null if the cores are equal. This is how a record
    /// is held against its replay.
    /// </summary>
    public string? CoreDifference(CheckpointRecord expected)
    {
        string[] found = CoreText().Split('\n');
        string[] wanted = expected.CoreText().Split('\n');
        for (int line = 0; line < found.Length; line++)
        {
            if (found[line] != wanted[line])
                return $"found '{found[line]}', expected '{wanted[line]}'";
        }
        return null;
    }

    /// <summary>True if the texts are equal.</summary>
    public bool Equals(CheckpointRecord? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CheckpointRecord);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Venue, Number, StateRoot);

    private static CheckpointRecord Read(ref FieldReader reader)
    {
        reader.Expect(Header);
        Hash256 venue = HashLine(ref reader, "venue");
        ulong number = NumberLine(ref reader, "number");
        if (number == 0)
            reader.Fail("number counts from 1");
        ulong sequence = NumberLine(ref reader, "sequence");
        ulong time = NumberLine(ref reader, "time");
        reader.Line("journal");
        ulong journalSize = reader.Number("journal size");
        Hash256 journalRoot = reader.Hash("journal root");
        reader.EndLine();
        return new CheckpointRecord
        {
            Venue = venue,
            Number = number,
            Sequence = sequence,
            Time = time,
            JournalSize = journalSize,
            JournalRoot = journalRoot,
            // Initialisers run in this order, which is the order of the lines.
            RecordsRoot = HashLine(ref reader, "records"),
            EventsRoot = HashLine(ref reader, "events"),
            StateRoot = HashLine(ref reader, "state"),
            Previous = HashLine(ref reader, "previous"),
            Engine = HashLine(ref reader, "engine"),
            DaSize = NumberLine(ref reader, "da"),
            Batches = BatchLines(ref reader),
        };
    }

    private static List<DaBatch> BatchLines(ref FieldReader reader)
    {
        List<DaBatch> batches = [];
        while (!reader.AtEnd && reader.NextIs("batch"))
        {
            reader.Line("batch");
            ulong first = reader.Number("first sequence");
            ulong count = reader.Number("count");
            if (count == 0)
                reader.Fail("a batch has at least one record");
            Hash256 hash = reader.Hash("hash");
            byte[] commitment = reader.Bytes("commitment");
            reader.EndLine();
            batches.Add(new DaBatch(first, count, hash, commitment));
        }
        return batches;
    }

    private static Hash256 HashLine(ref FieldReader reader, string name)
    {
        reader.Line(name);
        Hash256 hash = reader.Hash(name);
        reader.EndLine();
        return hash;
    }

    private static ulong NumberLine(ref FieldReader reader, string name)
    {
        reader.Line(name);
        ulong number = reader.Number(name);
        reader.EndLine();
        return number;
    }
}
