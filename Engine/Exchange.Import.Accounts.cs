using Clob.Protocol;

namespace Clob.Engine;

public sealed partial class Exchange
{
    // Accounts and assets: entries a, b, f and s.
    public sealed partial class StateImport
    {
        private readonly List<(uint Account, uint Asset, UInt128 Available, UInt128 Reserved)> _balances = []; // the assets come behind them

        private void ReadAccount(ref BigEndianReader reader)
        {
            ulong account = reader.U64();
            var key = reader.Bytes(PublicKey.Size);
            uint version = reader.U32();
            ulong nextNonce = reader.U64();
            byte settings = reader.U8();
            var prevention = (SelfTradePrevention)reader.U8();
            var limits = new AccountLimits(reader.U32(), reader.U128());
            Require(account == _exchange.Keys.Count && account < MaximumAccounts, "accounts one after the other from 0", account);
            Require(_isCommitted || VerifyingKey.IsAdmissible(key), "a key that may be registered", account);
            Require(version >= 1 && version <= _exchange._rules.MaximumKeyVersion, "a key version from 1 on", version);
            Require(settings <= 7, "known settings", settings);
            Require(Enum.IsDefined(prevention), "a known mode", prevention);
            _exchange.OpenAccount(key, version);
            _exchange.Keys.SetCancelsOnDisconnect(account, (settings & 1) != 0);
            _exchange.KeepLimits((uint)account, limits);
            ref AccountState state = ref _exchange._accounts[(uint)account];
            state.NextNonce = nextNonce;
            state.Prevention = prevention;
            state.Traits |= (settings & 2) != 0 ? AccountTraits.KillSwitch : 0;
            state.Traits |= (settings & 4) != 0 ? AccountTraits.Blocked : 0;
        }

        private void ReadBalance(ref BigEndianReader reader)
        {
            ulong account = reader.U64();
            uint asset = reader.U32();
            UInt128 available = reader.U128();
            UInt128 reserved = reader.U128();
            Require(IsLastAccount(account), "balances behind their account", account);
            Require(available <= Amount.Maximum && reserved <= Amount.Maximum - available, "at most 2^127 smallest units", $"{available} and {reserved}");
            Require(_balances.Count < _exchange._rules.MaximumBalances, "no more balances than there may be", _balances.Count);
            if (_balances.Count != 0 && _balances[^1].Account == account)
                Require(_balances[^1].Asset < asset, "an account's balances by rising asset id", asset);
            _balances.Add(((uint)account, asset, available, reserved));
        }

        private void ReadFees(ref BigEndianReader reader)
        {
            ulong account = reader.U64();
            ushort market = reader.U16();
            byte which = reader.U8();
            int maker = reader.I32();
            int taker = reader.I32();
            Require(IsLastAccount(account), "fees behind their account", account);
            Require(which is >= 1 and <= 3, "maker fee, taker fee or both", which);
            int sum = IsRate(maker) && IsRate(taker) ? maker + taker : -1;
            Require(sum >= 0 || (which != 3 && IsRate(maker) && IsRate(taker)), "fees in their range", $"{maker} and {taker}");
            Require(_exchange._feeOverrides < _exchange._rules.MaximumFeeOverrides, "no more fees of accounts than there may be", _exchange._feeOverrides);
            _exchange.KeepFees((uint)account, market, new AccountFees((which & 1) != 0 ? maker : null, (which & 2) != 0 ? taker : null));
        }

        private bool IsLastAccount(ulong account) => account < _exchange.Keys.Count && account == _exchange.Keys.Count - 1;

        private static bool IsRate(int fee) => fee is >= -MarketTerms.HighestFee and <= MarketTerms.HighestFee;

        private void ReadAsset(ref BigEndianReader reader)
        {
            uint asset = reader.U32();
            byte decimals = reader.U8();
            bool isSymbol = Symbol.TryRead(reader.Bytes(Symbol.Size), out var symbol);
            UInt128 total = reader.U128();
            var ledger = _exchange._ledger;
            Require(asset != 0 && ledger.PlaceOf(asset) < 0 && ledger.AssetCount < MaximumAssets, "an asset once", asset);
            Require(isSymbol && decimals <= Amount.MaximumDecimals, "a symbol, and decimals in their range", decimals);
            ledger.Define(asset, decimals, symbol);
            ledger.AssetAt(ledger.AssetCount - 1).Total = total;
        }

        private void OpenBalances()
        {
            var ledger = _exchange._ledger;
            uint last = 0;
            for (int i = 0; i < _balances.Count; i++)
            {
                var (account, id, available, reserved) = _balances[i];
                int place = ledger.PlaceOf(id);
                Require(place >= 0, "balances of defined assets", id);
                ref AssetState asset = ref ledger.AssetAt(place);
                Require(asset.Sum <= Amount.Maximum - available - reserved, "at most 2^127 smallest units of an asset", id);
                asset.Sum += available + reserved;
                uint number = ledger.Balances.Take();
                ledger.Balances[number] = new Balance { Available = available, Reserved = reserved, Asset = place };
                if (i != 0 && _balances[i - 1].Account == account)
                    ledger.Balances[last].Next = number;
                else
                    _exchange._accounts[account].Balances = number;
                last = number;
            }

            _balances.Clear();
        }
    }
}
