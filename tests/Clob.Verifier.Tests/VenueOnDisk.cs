using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.Verifier.Tests;

/// <summary>
/// A venue written by hand into a data directory: signed envelopes, Verdicts and Marks into segments, checkpoints into the ledger, batches
/// into the folder. It is honest unless a test asks for a lie.
/// </summary>
internal sealed class VenueOnDisk : IDisposable
{
    public const uint Quote = 1;
    public const uint Base = 2;
    public const ushort Market = 1;
    public const ulong FirstTime = 1_700_000_000_000_000_000;

    private readonly Dictionary<ulong, SigningKey> _keys = [];
    private readonly Dictionary<ulong, ulong> _nonces = [];
    private readonly List<ulong> _invalid = [];
    private readonly JournalWriter _writer;
    private readonly FileLedger _ledger;
    private readonly CheckpointSigner _signer;
    private readonly SigningKey _logKey;
    private readonly int _recordsPerGroup;
    private ulong _verdictFrom;
    private ulong _time = FirstTime;
    private int _seeds;

    public VenueOnDisk(int recordsPerGroup = 8, int segmentSize = 256 * 1024, byte salt = 0)
    {
        _recordsPerGroup = recordsPerGroup;
        _seeds = salt;
        Data = Directory.CreateTempSubdirectory("clob-verifier-").FullName;
        _keys[0] = NewKey();
        _nonces[0] = 1;
        _logKey = NewKey();
        byte[] genesis = new Genesis
        {
            Salt = [.. Enumerable.Repeat(salt, 32)],
            OperatorKey = _keys[0].PublicKey.ToArray(),
            LogKey = _logKey.PublicKey.ToArray(),
            EngineVersion = Exchange.CurrentVersion,
            EngineHash = [.. Enumerable.Repeat((byte)7, 32)],
        }.ToRecord(_time);
        Venue = Hash256.Of(genesis);
        _writer = OpenWriter(Path.Combine(Data, "journal"), Venue, segmentSize);
        _ledger = new FileLedger(Data);
        _signer = new CheckpointSigner(Venue, _logKey);
        Layer = new FolderDataAvailability(Path.Combine(Data, "da"));
        Append(genesis);
    }

    public string Data { get; }

    public Hash256 Venue { get; }

    public SigningKey LogKey => _logKey;

    public List<byte[]> Records { get; } = [];

    public List<CheckpointRecord> Checkpoints { get; } = [];

    public ReplayedVenue Replayed { get; } = new(ExchangeCapacity.Small);

    /// <summary>Changes what a checkpoint says before it is signed.</summary>
    public Func<CheckpointRecord, CheckpointRecord> Doctor { get; set; } = checkpoint => checkpoint;

    /// <summary>Whether batches are published before each checkpoint.</summary>
    public bool PublishesBatches { get; set; } = true;

    /// <summary>Where batches are published from now on.</summary>
    public IDataAvailability Layer { get; set; }

    public ulong Size => (ulong)Records.Count;

    public static JournalWriter OpenWriter(string directory, Hash256 venue, int segmentSize)
    {
        var options = new JournalOptions
        {
            Directory = directory,
            Identity = venue.Bytes.ToArray(),
            SegmentSize = segmentSize,
            MaximumGroupSize = Math.Min(64 * 1024, segmentSize - 4096),
            Durability = JournalDurability.None,
            Preparation = SegmentPreparationMode.Inline,
        };
        return new JournalWriter(options, JournalRecovery.Recover(options));
    }

    /// <summary>Two assets, one market with fees, accounts 1 to <paramref name="users"/> with money.</summary>
    public VenueOnDisk Open(int users = 2)
    {
        Send(0, new DefineAsset(Quote, 6, Name("USD")));
        Send(0, new DefineAsset(Base, 8, Name("BTC")));
        Send(0, new DefineMarket(Market, Base, Quote, 100, 1, Name("BTC/USD"), new MarketTerms { MakerFee = 100, TakerFee = 500 }));
        for (ulong user = 1; user <= (ulong)users; user++)
        {
            _keys[user] = NewKey();
            _nonces[user] = 1;
            Send(0, new RegisterAccount(new PublicKey(_keys[user].PublicKey)));
            Send(0, new Deposit(user, Quote, 1_000_000_000_000, user));
            Send(0, new Deposit(user, Base, 1_000_000_000_000, null));
        }
        return this;
    }

    /// <summary>Some of everything, ended by a checkpoint.</summary>
    public VenueOnDisk Trade(ulong price = 100)
    {
        Send(1, NewOrder.Limit(Market, Side.Sell, price, 10));
        Send(2, NewOrder.Limit(Market, Side.Buy, price, 4));
        Send(2, NewOrder.Limit(Market, Side.Buy, 50, 1), badSignature: true);
        Rotate(2);
        Send(2, NewOrder.Limit(Market, Side.Buy, 50, 1));
        Send(1, new Withdraw(Quote, 1000 + price));
        Send(1, new CancelAll());
        return Mark();
    }

    public void Rotate(ulong account)
    {
        SigningKey next = NewKey();
        Send(account, new RotateKey(new PublicKey(next.PublicKey)));
        _keys[account].Dispose();
        _keys[account] = next;
    }

    public void Send<TCommand>(ulong account, TCommand command, bool badSignature = false) where TCommand : struct, ICommand =>
        AppendNext(RecordKind.Envelope, EnvelopeOf(account, command, badSignature));

    public byte[] EnvelopeOf<TCommand>(ulong account, TCommand command, bool badSignature) where TCommand : struct, ICommand
    {
        var builder = new EnvelopeBuilder(new byte[Envelope.MaximumSize], account, _nonces[account]);
        if (!badSignature)
            _nonces[account]++;
        Assert.That(builder.TryAdd(command), Is.True);
        byte[] envelope = builder.Sign(_keys[account], Venue.Bytes).ToArray();
        if (badSignature)
            envelope[^1] ^= 1;
        return envelope;
    }

    /// <summary>A Verdict, a Mark, its batch and its checkpoint.</summary>
    public VenueOnDisk Mark()
    {
        WriteVerdict(_invalid);
        CheckpointRecord core = AppendNext(RecordKind.Mark, [])!;
        _writer.Commit();
        Publish(core);
        return this;
    }

    public void Publish(CheckpointRecord core)
    {
        CheckpointRecord record = Doctor(WithBatches(core));
        Checkpoints.Add(record);
        _ledger.Append(_signer.Sign(record));
    }

    public void WriteVerdict(IEnumerable<ulong> invalid)
    {
        ulong[] listed = [.. invalid];
        byte[] payload = new byte[Verdict.SizeOf(listed.Length)];
        Verdict.Write(payload, _verdictFrom, Size - 1, listed);
        _verdictFrom = Size;
        _invalid.Clear();
        AppendNext(RecordKind.Verdict, payload);
    }

    public CheckpointRecord? AppendNext(RecordKind kind, ReadOnlySpan<byte> payload, bool replay = true)
    {
        byte[] record = new byte[RecordHeader.Size + payload.Length];
        new RecordHeader(kind, Size, ++_time).Write(record);
        payload.CopyTo(record.AsSpan(RecordHeader.Size));
        return Append(record, replay);
    }

    /// <summary>Appends any bytes as a record; what the venue itself thinks of them is not asked for when it is not to replay them.</summary>
    public CheckpointRecord? Append(byte[] record, bool replay = true)
    {
        Records.Add(record);
        Assert.That(_writer.TryAppend(record), Is.True);
        if (_writer.PendingRecords >= _recordsPerGroup)
            _writer.Commit();
        if (!replay)
            return null;
        var sink = new NoSink();
        CheckpointRecord? core = Replayed.Apply(record, SignatureHint.None, ref sink);
        if (Replayed.LastResult == ApplyResult.BadSignature)
            _invalid.Add(Size - 1);
        return core;
    }

    public void Commit() => _writer.Commit();

    /// <summary>A copy to be tampered with. The venue goes on living.</summary>
    public Copy CopyData() => new(Data);

    public void Dispose()
    {
        _writer.Dispose();
        _ledger.Dispose();
        _logKey.Dispose();
        foreach (SigningKey key in _keys.Values)
            key.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    public static CheckpointRecord Change(CheckpointRecord record, Hash256? stateRoot = null, ulong? daSize = null, IReadOnlyList<DaBatch>? batches = null, ulong? number = null, Hash256? previous = null) => new()
    {
        Venue = record.Venue,
        Number = number ?? record.Number,
        Sequence = record.Sequence,
        Time = record.Time,
        JournalSize = record.JournalSize,
        JournalRoot = record.JournalRoot,
        RecordsRoot = record.RecordsRoot,
        EventsRoot = record.EventsRoot,
        StateRoot = stateRoot ?? record.StateRoot,
        Previous = previous ?? record.Previous,
        Engine = record.Engine,
        DaSize = daSize ?? record.DaSize,
        Batches = batches ?? record.Batches,
    };

    private static Symbol Name(string text) => Symbol.TryParse(text, out Symbol symbol) ? symbol : throw new FormatException(text);

    private CheckpointRecord WithBatches(CheckpointRecord core)
    {
        ulong from = Checkpoints.Count == 0 ? 0 : Checkpoints[^1].DaSize;
        if (!PublishesBatches)
            return Change(core, daSize: from);
        byte[] bytes = new byte[Records.Skip((int)from).Sum(record => record.Length + RecordFrames.LengthSize)];
        int length = 0;
        foreach (byte[] record in Records.Skip((int)from))
            RecordFrames.TryAppend(bytes, ref length, record);
        byte[] commitment = Layer.PutAsync(bytes, CancellationToken.None).GetAwaiter().GetResult();
        return Change(core, daSize: Size, batches: [new DaBatch(from, Size - from, Hash256.Of(bytes), commitment)]);
    }

    private SigningKey NewKey()
    {
        _seeds++;
        return SigningKey.FromSeed([.. Enumerable.Repeat((byte)_seeds, 32)]);
    }

    private readonly struct NoSink : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened)
        {
        }
    }
}

/// <summary>A copy of a data directory.</summary>
internal sealed class Copy : IDisposable
{
    public Copy(string data)
    {
        Data = Directory.CreateTempSubdirectory("clob-verifier-copy-").FullName;
        foreach (string file in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(Data, Path.GetRelativePath(data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public string Data { get; }

    public string LedgerFile => Path.Combine(Data, FileLedger.FileName);

    public string[] Segments => [.. Directory.EnumerateFiles(Path.Combine(Data, "journal"), "*.seg").Order()];

    public string[] Batches => [.. Directory.EnumerateFiles(Path.Combine(Data, "da")).Order()];

    public List<byte[]> Notes => [.. FileLedger.ReadFrom(Data)];

    /// <summary>Writes the ledger anew, with valid entries around any notes.</summary>
    public void WriteLedger(IEnumerable<byte[]> notes)
    {
        byte[][] all = [.. notes];
        File.Delete(LedgerFile);
        using var ledger = new FileLedger(Data);
        foreach (byte[] note in all)
            ledger.Append(note);
    }

    public static void Flip(string file, long offset, int bit = 0)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        stream.Position = offset;
        int value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ (1 << bit)));
    }

    public void Dispose() => Directory.Delete(Data, recursive: true);
}
