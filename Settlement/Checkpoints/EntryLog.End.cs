using System.Security.Cryptography;
using System.Text;
using Clob.Journal;

namespace Clob.Settlement;

// The last entry may be torn by a crash, and then it never was; but one that was whole once must not vanish unseen from a log that
// nobody writes any more.
internal sealed partial class EntryLog
{
    /// <summary>The smallest piece that a disk writes whole or not at all. What a torn entry lacks is such pieces, or its end; texts hold no zeros.</summary>
    private const int SectorSize = 512;

    private static readonly TimeSpan JudgementDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>Requires that what stands behind the last whole entry, if anything, is an entry of which pieces are missing.</summary>
    private static void RequireTornEnd(IStorageFile file, long end, TimeSpan patience)
    {
        for (TimeSpan waited = TimeSpan.Zero; IsDamaged(file, end); waited += JudgementDelay)
        {
            if (waited >= patience)
                throw new InvalidDataException($"{file.Path} is damaged at offset {end}: expected a whole entry, or one of which a part is missing; found one with other bytes.");
            Thread.Sleep(JudgementDelay);
        }
    }

    private static bool IsDamaged(IStorageFile file, long offset)
    {
        byte[] rest = new byte[Math.Clamp(file.Length - offset, 0, HeadSize + MaximumPayload + 1)];
        Span<byte> entry = rest.AsSpan(0, file.ReadFully(rest, offset));
        entry = entry[..(entry.LastIndexOfAnyExcept((byte)0) + 1)];
        if (entry.IsEmpty || LacksSector(entry, offset) || TryReadEntry(file, offset) is not null)
            return false;
        if (entry.Length <= HeadSize)
            return !entry[..Math.Min(Magic.Length, entry.Length)].SequenceEqual(Magic[..Math.Min(Magic.Length, entry.Length)]);
        if (!entry.StartsWith(Magic) || !TryReadLength(entry, out int length))
            return true;
        // An entry that is all there under a length that is too great is not a torn one either.
        return entry.Length > HeadSize + length || IsPayload(entry, entry[HeadSize..^1]);
    }

    private static bool IsPayload(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> payload) =>
        Encoding.ASCII.GetString(entry.Slice(HashOffset, HashDigits)) == Convert.ToHexStringLower(SHA256.HashData(payload));

    private static bool LacksSector(ReadOnlySpan<byte> entry, long offset)
    {
        for (int at = 0; at < entry.Length;)
        {
            int next = Math.Min(at + SectorSize - (int)((offset + at) % SectorSize), entry.Length);
            if (!entry[at..next].ContainsAnyExcept((byte)0))
                return true;
            at = next;
        }
        return false;
    }
}
