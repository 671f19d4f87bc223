using System.Text;
using Clob.Journal;
using Clob.Proofs;

namespace Clob.Settlement;

/// <summary>
/// The batches the data availability layer has taken: <c>da/batches.log</c> below the data directory, an append-only file with one entry a
/// batch, <c>batch (first sequence) (count) (SHA-256) (commitment)</c> as in a checkpoint record. Batches follow each other without gap
/// from record 0. The publisher's thread appends; any thread reads.
/// </summary>
public sealed class DaBatchList : IDisposable
{
    /// <summary>The file below the data directory.</summary>
    public const string FileName = "da/batches.log";

    /// <summary>Most characters of one batch in a list or a checkpoint record.</summary>
    public const int LongestText = TextSizeWithoutCommitment + 2 * IDataAvailability.MaximumCommitmentSize;

    // "batch", two numbers of at most 20 digits, a hash, and a separator behind each of the five fields.
    private const int TextSizeWithoutCommitment = 5 + 2 * 20 + 64 + 5;

    private readonly EntryLog _log;
    private readonly Lock _lock = new();
    private readonly List<DaBatch> _batches = [];
    private ulong _size;

    /// <summary>Opens or creates the list below a data directory.</summary>
    /// <exception cref="InvalidDataException">An entry is damaged or does not follow the one before.</exception>
    public DaBatchList(string dataDirectory, IStorage? storage = null)
    {
        string path = PathIn(dataDirectory);
        _log = EntryLog.Open(path, storage ?? Disk.Storage);
        foreach (byte[] entry in _log.ReadAll())
            Take(Parse(path, entry));
    }

    /// <summary>Number of leading journal records that the layer holds.</summary>
    public ulong Size => Volatile.Read(ref _size);

    /// <summary>How many leading journal records the layer holds by the list of a data directory; 0 without one. Reads only.</summary>
    public static ulong NewestJournalSize(string dataDirectory, IStorage? storage = null)
    {
        string path = PathIn(dataDirectory);
        return EntryLog.ReadLast(path, storage ?? Disk.Storage) is { } entry ? End(Parse(path, entry)) : 0;
    }

    /// <summary>Every batch of a list that another process may be writing; none when there is no list. For the verifier; reads only.</summary>
    public static IEnumerable<DaBatch> ReadFrom(string dataDirectory, IStorage? storage = null) =>
        EntryLog.ReadPassively(PathIn(dataDirectory), storage ?? Disk.Storage).Select(entry => Parse(PathIn(dataDirectory), entry));

    /// <summary>Appends a batch; when this returns it is on disk.</summary>
    public void Append(DaBatch batch)
    {
        RequireFollows(batch);
        _log.Append(Encoding.ASCII.GetBytes(TextOf(batch)));
        Take(batch);
    }

    /// <summary>The batches that begin at or behind <paramref name="from"/> and end at or before <paramref name="to"/>, as far as their texts fit.</summary>
    /// <param name="from">First record.</param>
    /// <param name="to">Number of leading records.</param>
    /// <param name="maximumTextSize">Most characters of all of them as text, at least <see cref="LongestText"/>.</param>
    public IReadOnlyList<DaBatch> Between(ulong from, ulong to, int maximumTextSize)
    {
        lock (_lock)
        {
            int first = FirstAtOrBehind(from);
            int end = first;
            int size = 0;
            while (end < _batches.Count && End(_batches[end]) <= to && (size += TextSize(_batches[end])) <= maximumTextSize)
                end++;
            return _batches.GetRange(first, end - first);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private static string PathIn(string dataDirectory) => Path.GetFullPath(FileName, Path.GetFullPath(dataDirectory));

    /// <summary>No number has more digits than this leaves for two.</summary>
    private static int TextSize(DaBatch batch) => TextSizeWithoutCommitment + 2 * batch.Commitment.Length;

    private static ulong End(DaBatch batch) => batch.First + batch.Count;

    private static string TextOf(DaBatch batch) =>
        FormattableString.Invariant($"batch {batch.First} {batch.Count} {batch.Hash} {Convert.ToHexStringLower(batch.Commitment.Span)}");

    private static DaBatch Parse(string path, byte[] entry)
    {
        string text = Encoding.Latin1.GetString(entry);
        string[] fields = text.Split(' ');
        if (fields.Length == 5 && ulong.TryParse(fields[1], out ulong first) && ulong.TryParse(fields[2], out ulong count) && count > 0 && count <= ulong.MaxValue - first
            && Hash256.TryParse(fields[3], out Hash256 hash) && fields[4].Length is > 0 and var digits && digits % 2 == 0 && fields[4].All(char.IsAsciiHexDigitLower)
            && new DaBatch(first, count, hash, Convert.FromHexString(fields[4])) is var batch && TextOf(batch) == text)
        {
            return batch;
        }
        throw new InvalidDataException($"{path} holds an entry that is no batch: {Encoding.ASCII.GetString(entry)}");
    }

    private void Take(DaBatch batch)
    {
        RequireFollows(batch);
        lock (_lock)
            _batches.Add(batch);
        Volatile.Write(ref _size, End(batch));
    }

    private void RequireFollows(DaBatch batch)
    {
        if (batch.First != _size)
            throw new InvalidDataException($"A batch begins at record {batch.First}, expected {_size}: batches follow each other without gap.");
    }

    private int FirstAtOrBehind(ulong from)
    {
        int low = 0;
        for (int high = _batches.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (_batches[middle].First < from)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
