using Clob.Protocol;

namespace Clob.Settlement;

// The writer's side: reports are gathered and written in runs of neighbouring slots, for a write costs the same for one report as for a page.
public sealed partial class ReportArchive
{
    private readonly PendingReports _pending;

    /// <summary>Appends a report, or compares it with what is stored, at the latest when flushed. The replica's thread only.</summary>
    /// <param name="report">Its <see cref="ExchangeEvent.ReportSequence"/> is 1 the first time, then follows the account's last.</param>
    /// <exception cref="InvalidDataException">Numbers are left out, or another report is stored under one appended before.</exception>
    public void Append(in ExchangeEvent report)
    {
        AccountReports account = _pages.GetOrAdd(report.Account);
        ulong sequence = report.ReportSequence;
        if (sequence != account.Appended + 1)
            throw new InvalidDataException($"Report {sequence} of account {report.Account} does not follow report {account.Appended}.");
        account.Appended = sequence;
        (int index, int place) = Locate(sequence);
        if (!account.TryGetPage(index, out uint page))
            account.SetPage(index, page = TakePage());
        _pending.Add(SlotOf(page, place), account, report);
        if (_pending.IsFull)
            Flush();
    }

    /// <summary>Writes what was appended and lets readers see it. The replica's thread only.</summary>
    /// <exception cref="InvalidDataException">Another report is stored under the number of one that was appended.</exception>
    public void Flush() => _pending.Flush();

    /// <summary>Reports that wait to be written.</summary>
    private sealed class PendingReports(SlotFile file)
    {
        private const int Capacity = 2048;

        private readonly long[] _slots = new long[Capacity];
        private readonly int[] _order = new int[Capacity];
        private readonly AccountReports[] _accounts = new AccountReports[Capacity];
        private readonly ulong[] _sequences = new ulong[Capacity];
        private readonly byte[] _bytes = new byte[Capacity * file.SlotSize];
        private readonly byte[] _run = new byte[Capacity * file.SlotSize];
        private readonly byte[] _stored = new byte[Capacity * file.SlotSize];
        private int _count;

        public bool IsFull => _count == Capacity;

        public void Add(long slot, AccountReports account, in ExchangeEvent report)
        {
            Span<byte> bytes = _bytes.AsSpan(_count * file.SlotSize, file.SlotSize);
            report.WriteReport(bytes);
            file.Seal(slot, bytes);
            _slots[_count] = slot;
            _order[_count] = _count;
            _accounts[_count] = account;
            _sequences[_count] = report.ReportSequence;
            _count++;
        }

        public void Flush()
        {
            Array.Sort(_slots, _order, 0, _count);
            for (int start = 0; start < _count;)
            {
                int end = start + 1;
                while (end < _count && _slots[end] == _slots[end - 1] + 1)
                    end++;
                WriteRun(start, end);
                start = end;
            }
            // After the bytes: whoever sees a count finds the reports.
            for (int i = 0; i < _count; i++)
                _accounts[i].Count = Math.Max(_accounts[i].Count, _sequences[i]);
            _count = 0;
        }

        private void WriteRun(int start, int end)
        {
            bool known = false;
            for (int i = start; i < end; i++)
            {
                _bytes.AsSpan(_order[i] * file.SlotSize, file.SlotSize).CopyTo(_run.AsSpan((i - start) * file.SlotSize));
                known |= _sequences[_order[i]] <= _accounts[_order[i]].Count;
            }
            ReadOnlySpan<byte> run = _run.AsSpan(0, (end - start) * file.SlotSize);
            if (!known || !IsStored(_slots[start], run))
                file.WriteSealed(_slots[start], run);
        }

        /// <summary>False when a slot of the run is torn or another account's of before, and has to be written.</summary>
        private bool IsStored(long firstSlot, ReadOnlySpan<byte> run)
        {
            Span<byte> stored = _stored.AsSpan(0, run.Length);
            int read = file.ReadRaw(firstSlot, stored);
            if (read == run.Length / file.SlotSize && run.SequenceEqual(stored))
                return true;
            for (int i = 0; i < read; i++)
            {
                ReadOnlySpan<byte> expected = run.Slice(i * file.SlotSize, ReportSize);
                ulong account = new BigEndianReader(expected[ExchangeEvent.AccountOffset..]).U64();
                ulong sequence = new BigEndianReader(expected[ExchangeEvent.ReportSequenceOffset..]).U64();
                if (file.TryOpen(firstSlot + i, stored.Slice(i * file.SlotSize, file.SlotSize), out ReadOnlySpan<byte> found)
                    && Is(found, account, sequence) && !found.SequenceEqual(expected))
                {
                    throw new InvalidDataException(
                        $"Report {sequence} of account {account} differs from the archived one: replay gives {Convert.ToHexStringLower(expected)}, found {Convert.ToHexStringLower(found)}.");
                }
            }
            return false;
        }
    }
}
