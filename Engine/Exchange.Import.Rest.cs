using Clob.Protocol;

namespace Clob.Engine;

public sealed partial class Exchange
{
    // The rest: entries n, r, e, d, w and v.
    public sealed partial class StateImport
    {
        private ulong _reportAccounts;

        private void ReadNumbers(ref BigEndianReader reader)
        {
            uint version = reader.U32();
            var venueId = reader.Bytes(Genesis.VenueIdSize);
            Require(_exchange._version == 0, "one entry n", "another");
            Require(version >= 1 && version <= _exchange._rules.NewestVersion, "a version of the rules that this build knows", version);
            Require(_exchange.Keys.Count != 0, "account 0", "no account");
            _exchange._version = version;
            _exchange._venueId = venueId.ToArray();
            _exchange.NextSequence = reader.U64();
            _exchange.LastTime = reader.U64();
            _exchange.NextFeedSequence = reader.U64();
            _exchange._nextOrderId = reader.U64();
            _exchange._nextMatch = reader.U64();
            _exchange._nextWithdrawal = reader.U64();
            _exchange._nextUnsettled = reader.U64();
            Require(_exchange.NextSequence != 0, "records from the genesis record on", 0);
            Require(_exchange._nextOrderId != 0 && _exchange._nextMatch != 0 && _exchange._nextWithdrawal != 0, "numbers from 1 on", 0);
            Require(_exchange._nextUnsettled < _exchange.NextSequence, "verdicts on former records", _exchange._nextUnsettled);
            Require(_orders.Count == 0 || _orders[^1].Id < _exchange._nextOrderId, "a next order id above all", _exchange._nextOrderId);
            _exchange._record.Sequence = _exchange.NextSequence - 1;
            _exchange._record.Time = _exchange.LastTime;
        }

        private void ReadReports(ref BigEndianReader reader)
        {
            ulong account = reader.U64();
            ulong next = reader.U64();
            Require(account == _reportAccounts && account < _exchange.Keys.Count, "accounts one after the other from 0", account);
            Require(next != 0, "report numbers from 1 on", next);
            _exchange._accounts[(uint)account].NextReport = next;
            _reportAccounts++;
        }

        private void ReadEnvelope(ref BigEndianReader reader)
        {
            ulong account = reader.U64();
            var envelope = new RememberedEnvelope
            {
                FirstNonce = reader.U64(),
                Commands = reader.U16(),
                Digest = reader.U128(),
                RecordSequence = reader.U64(),
                FirstReport = reader.U64(),
            };
            Require(_reportAccounts != 0 && account == _reportAccounts - 1, "envelopes behind their account's entry r", account);
            ref AccountState state = ref _exchange._accounts[(uint)account];
            Require(state.Envelopes < EnvelopeMemory.PerAccount, "as many envelopes as are remembered", account);
            Require(envelope.Commands is >= 1 and <= Envelope.MaximumCommands, "a number of commands", envelope.Commands);
            Require(envelope.FirstNonce >= AccountState.FirstNonce && envelope.FirstNonce <= ulong.MaxValue - envelope.Commands, "nonces of 64 bits", envelope.FirstNonce);
            Require(envelope.RecordSequence < _exchange.NextSequence, "an envelope of a former record", envelope.RecordSequence);
            Require(envelope.FirstReport <= state.NextReport, "a report that was made", envelope.FirstReport);
            _exchange._envelopes.Remember(ref state, envelope);
        }

        private void ReadDeposit(ref BigEndianReader reader)
        {
            UInt128 id = reader.U128();
            var content = new DepositContent(reader.U64(), reader.U32(), reader.U128());
            Require(content.Account < _exchange.Keys.Count && _exchange._ledger.PlaceOf(content.Asset) >= 0, "a deposit of a known account and asset", id);
            Require(content.Amount >= UInt128.One && content.Amount <= Market.MaximumAmount, "an amount in its range", content.Amount);
            Require(_exchange._deposits.TryAdd(id, content), "a deposit id once", id);
        }

        private void ReadWithdrawal(ref BigEndianReader reader)
        {
            ulong id = reader.U64();
            ulong account = reader.U64();
            uint asset = reader.U32();
            UInt128 amount = reader.U128();
            Require(id != 0 && id < _exchange._nextWithdrawal, "a withdrawal below the next", id);
            Require(account < _exchange.Keys.Count, "a withdrawal of a known account", account);
            int place = _exchange._ledger.PlaceOf(asset);
            ref AccountState state = ref _exchange._accounts[(uint)account];
            uint balance = place < 0 ? 0 : _exchange._ledger.Find(state.Balances, place);
            Require(balance != 0, "a withdrawal of an asset that its account has", asset);
            Require(amount >= UInt128.One && amount <= Market.MaximumAmount, "an amount in its range", amount);
            Require(_exchange._withdrawals.TryAdd(id, new PendingWithdrawal((uint)account, balance, amount)), "a withdrawal once", id);
            state.OpenWithdrawals++;
            bool isBounded = state.OpenWithdrawals <= _exchange._rules.MaximumWithdrawalsOfAccount && _exchange._withdrawals.Count <= _exchange._rules.MaximumWithdrawals;
            Require(isBounded, "no more open withdrawals than there may be", id);
        }

        private void ReadInvalid(ref BigEndianReader reader)
        {
            ulong sequence = reader.U64();
            var invalid = _exchange._unsettledInvalid;
            bool isNext = sequence >= _exchange._nextUnsettled && sequence < _exchange.NextSequence && (invalid.Count == 0 || sequence > invalid[^1]);
            Require(isNext, "invalid signatures without a verdict, by rising sequence", sequence);
            invalid.Add(sequence);
        }
    }
}
