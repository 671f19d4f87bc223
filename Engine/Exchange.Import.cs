using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Clob.Protocol;

namespace Clob.Engine;

public sealed partial class Exchange
{
    /// <summary>
    /// Builds an Exchange from the entries that <see cref="VisitState"/> of another gave, in their order. It then does with every later
    /// record what the other one does. Nothing that is read is trusted: each field is held to its range, the whole to every invariant, and at the
    /// end the new Exchange must export the very bytes that were read, so nothing was overlooked, doubled or out of order. What only a
    /// signed state root can say, that this is the state of this venue after these records, is for the caller to compare. Who does so in any case
    /// takes <see cref="OfCommitted"/>, which leaves to it what the root says better.
    /// </summary>
    public sealed partial class StateImport : IStateVisitor
    {
        /// <summary>Most bytes of an entry that is taken; all that are exported are shorter.</summary>
        public const int MaximumEntry = 255;

        /// <summary>Kinds of entries in their order; those of one group may alternate.</summary>
        private static readonly string[] Groups = ["abf", "s", "mop", "n", "re", "d", "w", "t", "v"];

        /// <summary>Place in <see cref="Groups"/> of each kind; -1 of what is none.</summary>
        private static readonly sbyte[] GroupOfKind = [.. Enumerable.Range(0, 256).Select(kind => (sbyte)Array.FindIndex(Groups, kinds => kinds.Contains((char)kind)))];

        private readonly Exchange _exchange;
        private readonly bool _isCommitted;
        private readonly EntryDigest _read = new();
        private ulong _entries;
        private int _group;
        private bool _isDone;

        /// <summary>An import that waits for its first entry.</summary>
        /// <param name="capacity">Memory that the Exchange takes at the start.</param>
        public StateImport(ExchangeCapacity capacity) : this(capacity, EngineRules.Current)
        {
        }

        internal StateImport(ExchangeCapacity capacity, EngineRules rules, bool isCommitted = false)
        {
            _exchange = new Exchange(capacity, rules);
            _isCommitted = isCommitted;
        }

        /// <summary>
        /// An import of entries whose origin a state root proves: the caller uses the finished Exchange only if what it exports comes to the signed root.
        /// Then keys are not looked at again, each of which takes as long as a signature: they were admitted when they were registered. Nor are the entries
        /// read held against those exported, since the root says what these are. That state was audited when it was published, so <see cref="Finish"/> does not:
        /// the caller calls <see cref="Audit"/> where there is time for it. Ranges are checked as ever.
        /// </summary>
        /// <param name="capacity">Memory that the Exchange takes at the start.</param>
        public static StateImport OfCommitted(ExchangeCapacity capacity) => new(capacity, EngineRules.Current, isCommitted: true);

        /// <summary>Takes the next entry.</summary>
        /// <exception cref="StateRefusedException">No Exchange exported it in this place. The import is over.</exception>
        public void Visit(StateSection section, ReadOnlySpan<byte> entry)
        {
            ObjectDisposedException.ThrowIf(_isDone, this);
            _isDone = true; // stays when an exception leaves
            Require(entry.Length is > 1 and <= MaximumEntry, "an entry", "an empty or a longer one");
            char kind = (char)entry[0];
            int group = GroupOfKind[entry[0]];
            Require(group >= _group && section == SectionOf(group), "an entry whose kind belongs here", $"{kind} behind {Groups[_group]}");
            for (; _group < group; _group++)
                EndGroup();
            var reader = new BigEndianReader(entry[1..]);
            Read(kind, ref reader);
            Require(reader.IsAtEnd, "an entry as long as others of its kind", entry.Length);
            if (!_isCommitted)
                _read.Visit(section, entry);
            _entries++;
            _isDone = false;
        }

        /// <summary>The Exchange, once all entries were taken.</summary>
        /// <exception cref="StateRefusedException">Entries are missing or contradict each other.</exception>
        public Exchange Finish()
        {
            ObjectDisposedException.ThrowIf(_isDone, this);
            _isDone = true;
            for (; _group < Groups.Length; _group++)
                EndGroup();
            if (_isCommitted)
                return _exchange;
            var written = new EntryDigest();
            try
            {
                _exchange.Audit();
                _exchange.VisitState(ref written);
            }
            catch (Exception broken) when (broken is InvariantViolationException or OverflowException)
            {
                throw new StateRefusedException(_entries, "a state in which all invariants hold", broken.Message, broken);
            }

            Require(written.Equals(_read), "the entries that an Exchange in this state exports, in their order", "others");
            return _exchange;
        }

        private static StateSection SectionOf(int group) => group switch
        {
            0 => StateSection.Accounts,
            1 => StateSection.Assets,
            2 => StateSection.Markets,
            _ => StateSection.Rest,
        };

        private void Read(char kind, ref BigEndianReader reader)
        {
            switch (kind)
            {
                case 'a': ReadAccount(ref reader); break;
                case 'b': ReadBalance(ref reader); break;
                case 'f': ReadFees(ref reader); break;
                case 's': ReadAsset(ref reader); break;
                case 'm': ReadMarket(ref reader); break;
                case 'o': ReadOrder(ref reader, isWaiting: false); break;
                case 'p': ReadOrder(ref reader, isWaiting: true); break;
                case 'n': ReadNumbers(ref reader); break;
                case 'r': ReadReports(ref reader); break;
                case 'e': ReadEnvelope(ref reader); break;
                case 'd': ReadDeposit(ref reader); break;
                case 'w': ReadWithdrawal(ref reader); break;
                case 't': reader.Bytes(16); break; // the orders said it; whether this says the same shows at the end
                default: ReadInvalid(ref reader); break;
            }
        }

        /// <summary>What can be settled once the last entry of a group was read.</summary>
        private void EndGroup()
        {
            switch (Groups[_group])
            {
                case "s":
                    OpenBalances();
                    break;
                case "mop":
                    CheckFees();
                    LinkOrders();
                    foreach (ushort market in _exchange._marketIds)
                        _exchange.NoteTriggered(_exchange._markets[market]!);
                    break;
                case "n":
                    Require(_exchange._version != 0, "an entry n, as any Exchange behind its genesis record exports", "none");
                    break;
                case "re":
                    Require(_reportAccounts == _exchange.Keys.Count, "an entry r of each account", _reportAccounts);
                    break;
            }
        }

        private void Require<TFound>(bool holds, string expected, TFound found)
        {
            if (!holds)
                throw new StateRefusedException(_entries, expected, $"{found}");
        }

        /// <summary>Writes what was found only when it is wrong: millions of entries make no strings.</summary>
        private void Require(bool holds, string expected, [InterpolatedStringHandlerArgument(nameof(holds))] NameOfInvariant found)
        {
            if (!holds)
                throw new StateRefusedException(_entries, expected, found.ToStringAndClear());
        }

        /// <summary>A hash over all entries, each with its section, as a chain from one to the next.</summary>
        private sealed class EntryDigest : IStateVisitor
        {
            private const int HeadSize = SHA256.HashSizeInBytes + 1;
            private readonly byte[] _link = new byte[HeadSize + MaximumEntry]; // the hash so far, then what is hashed with it

            public void Visit(StateSection section, ReadOnlySpan<byte> entry)
            {
                _link[HeadSize - 1] = (byte)section;
                entry.CopyTo(_link.AsSpan(HeadSize));
                SHA256.HashData(_link.AsSpan(0, HeadSize + entry.Length), _link);
            }

            public bool Equals(EntryDigest other) => _link.AsSpan(0, SHA256.HashSizeInBytes).SequenceEqual(other._link.AsSpan(0, SHA256.HashSizeInBytes));
        }
    }
}
