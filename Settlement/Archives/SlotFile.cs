using System.Buffers.Binary;
using System.IO.Hashing;
using Clob.Journal;
using Microsoft.Win32.SafeHandles;

namespace Clob.Settlement;

/// <summary>
/// A file of slots of one size, each with a checksum, found by their number:
/// <code>
/// ┌──────────────────┬──────────────┐┌──────────────────┬──────────────┐
/// │ payload          │ checksum u64 ││ payload          │ checksum u64 │ …        checksum = XxHash64 of the payload, seed = the slot's number
/// └──────────────────┴──────────────┘└──────────────────┴──────────────┘
/// </code>
/// The content is made from the journal and can be made again, so it is synced seldom; what a crash has torn shows by its checksum and
/// is rewritten by replay. One thread writes; any may read at the same time (both by position, no shared file pointer).
/// </summary>
internal sealed class SlotFile : IDisposable
{
    private const int ChecksumSize = sizeof(ulong);

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly byte[] _slot;

    public SlotFile(string path, int payloadSize)
    {
        string directory = Path.GetDirectoryName(path)!;
        Disk.Storage.CreateDirectory(directory);
        _path = path;
        PayloadSize = payloadSize;
        _slot = new byte[SlotSize];
        // Made by the journal's disk, whose files are their owner's alone: what accounts are told is nobody else's business.
        if (!File.Exists(path))
            Disk.Storage.Open(path, FileUse.Create).Dispose();
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        Disk.Storage.SyncDirectory(directory);
    }

    public int PayloadSize { get; }

    /// <summary>Bytes from one slot to the next.</summary>
    public int SlotSize => PayloadSize + ChecksumSize;

    /// <summary>Number of slots that the file has room for, the last maybe in part.</summary>
    public long Capacity => (RandomAccess.GetLength(_file) + SlotSize - 1) / SlotSize;

    /// <summary>Writes a slot; a reader sees it after this returns, or parts of it before. The writer's thread only.</summary>
    public void Write(long slot, ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(_slot);
        Seal(slot, _slot);
        RandomAccess.Write(_file, _slot, slot * SlotSize);
    }

    /// <summary>Puts the checksum behind a payload that stands at the beginning of <paramref name="slotBytes"/>, for <see cref="WriteSealed"/>.</summary>
    public void Seal(long slot, Span<byte> slotBytes) =>
        BinaryPrimitives.WriteUInt64BigEndian(slotBytes[PayloadSize..], XxHash64.HashToUInt64(slotBytes[..PayloadSize], slot));

    /// <summary>Writes consecutive slots that carry their checksums. The writer's thread only.</summary>
    public void WriteSealed(long firstSlot, ReadOnlySpan<byte> slots) => RandomAccess.Write(_file, slots, firstSlot * SlotSize);

    /// <summary>Reads consecutive slots as they stand in the file.</summary>
    /// <returns>How many whole slots were read; fewer at the end of the file.</returns>
    public int ReadRaw(long firstSlot, Span<byte> slots)
    {
        int total = 0;
        while (total < slots.Length)
        {
            int read = RandomAccess.Read(_file, slots[total..], firstSlot * SlotSize + total);
            if (read == 0)
                break;
            total += read;
        }
        return total / SlotSize;
    }

    /// <summary>The payload of a slot that <see cref="ReadRaw"/> read; false when its checksum does not match: never written, torn, or being written.</summary>
    public bool TryOpen(long slot, ReadOnlySpan<byte> slotBytes, out ReadOnlySpan<byte> payload)
    {
        payload = slotBytes[..PayloadSize];
        return BinaryPrimitives.ReadUInt64BigEndian(slotBytes[PayloadSize..]) == XxHash64.HashToUInt64(payload, slot);
    }

    /// <summary>Makes what was written durable.</summary>
    public void Sync() => Disk.SyncData(_file, _path);

    public void Dispose() => _file.Dispose();
}
