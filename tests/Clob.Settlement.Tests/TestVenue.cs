using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>
/// A venue in a directory of its own, as far as settlement sees it: a journal written here, a live exchange that settles signatures, and
/// verdicts. Its operator and users sign for real.
/// </summary>
internal sealed class TestVenue : IDisposable
{
    public const uint Quote = 1;
    public const uint Base = 2;
    public const ushort Market = 1;

    private static readonly byte[] Salt = new byte[32];
    private readonly List<SigningKey> _keys = [];
    private readonly List<ulong> _nonces = [];
    private readonly Exchange _live = new(ExchangeCapacity.Small);
    private readonly JournalWriter _writer;
    private readonly byte[] _buffer = new byte[RecordHeader.MaximumRecordSize];
    private ulong _time = 1_700_000_000_000_000_000;

    public TestVenue()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("clob-settlement-").FullName;
        _keys.Add(SigningKey.FromSeed(Seed(0)));
        _nonces.Add(1);
        LogKey = SigningKey.FromSeed(Seed(200));
        byte[] genesis = new Genesis
        {
            Salt = Salt,
            OperatorKey = _keys[0].PublicKey.ToArray(),
            LogKey = LogKey.PublicKey.ToArray(),
            EngineVersion = Exchange.CurrentVersion,
            EngineHash = Enumerable.Repeat((byte)7, 32).ToArray(),
        }.ToRecord(_time);
        Venue = Hash256.Of(genesis);
        _writer = new JournalWriter(JournalOptions, JournalRecovery.Recover(JournalOptions));
        Append(genesis);
    }

    public string Directory { get; }

    public string JournalDirectory => Path.Combine(Directory, "journal");

    public Hash256 Venue { get; }

    public SigningKey LogKey { get; }

    public SignatureVerdicts Verdicts { get; private set; } = new();

    public Exchange Live => _live;

    public List<ExchangeEvent> Events { get; } = [];

    public List<byte[]> Records { get; } = [];

    public ulong Size => (ulong)Records.Count;

    public JournalOptions JournalOptions => new()
    {
        Directory = JournalDirectory,
        Identity = Venue.Bytes.ToArray(),
        SegmentSize = 256 * 1024,
        MaximumGroupSize = 64 * 1024,
        Durability = JournalDurability.None,
        Preparation = SegmentPreparationMode.Inline,
    };

    public SettlementOptions Options => new()
    {
        DataDirectory = Directory,
        JournalDirectory = JournalDirectory,
        Venue = Venue,
        Capacity = ExchangeCapacity.Small,
        CheckpointInterval = TimeSpan.FromHours(1),
        DaPatience = TimeSpan.FromSeconds(10),
        DaRetryDelay = TimeSpan.FromMilliseconds(1),
        DaPollInterval = TimeSpan.FromMilliseconds(5),
        ReplicaPollInterval = TimeSpan.FromMilliseconds(1),
    };

    public ulong DurableSize => (ulong)(DurableSequence + 1);

    private long DurableSequence => _writer.DurableSequence;

    /// <summary>Two assets, one market, two funded users (accounts 1 and 2).</summary>
    public TestVenue Open()
    {
        Operator(new DefineAsset(Quote, 6, Name("USD")));
        Operator(new DefineAsset(Base, 8, Name("BTC")));
        Operator(new DefineMarket(Market, Base, Quote, 100, 1, Name("BTC/USD"), default));
        for (int user = 1; user <= 2; user++)
        {
            Register();
            Operator(new Deposit((ulong)user, Quote, 1_000_000_000_000, null));
            Operator(new Deposit((ulong)user, Base, 1_000_000_000_000, null));
        }
        return this;
    }

    public ulong Register()
    {
        var key = SigningKey.FromSeed(Seed(_keys.Count));
        _keys.Add(key);
        _nonces.Add(1);
        Operator(new RegisterAccount(new PublicKey(key.PublicKey)));
        return (ulong)_keys.Count - 1;
    }

    public ulong Operator<TCommand>(TCommand command) where TCommand : struct, ICommand => Send(0, command);

    /// <summary>A signed envelope of one command; its record's sequence.</summary>
    public ulong Send<TCommand>(ulong account, TCommand command, bool badSignature = false) where TCommand : struct, ICommand
    {
        byte[] buffer = new byte[Envelope.MaximumSize];
        var builder = new EnvelopeBuilder(buffer, account, _nonces[(int)account]);
        if (!badSignature)
            _nonces[(int)account]++;
        Assert.That(builder.TryAdd(command), Is.True);
        Span<byte> envelope = builder.Sign(_keys[(int)account], Venue.Bytes);
        if (badSignature)
            envelope[^1] ^= 1;
        return AppendNext(RecordKind.Envelope, envelope);
    }

    public ulong Order(ulong account, Side side, ulong price, ulong quantity) => Send(account, NewOrder.Limit(Market, side, price, quantity));

    /// <summary>Some trading: rests, crosses, cancels.</summary>
    public void Trade(int rounds = 3)
    {
        for (int i = 0; i < rounds; i++)
        {
            Order(1, Side.Sell, 100 + (ulong)i, 10);
            Order(2, Side.Buy, 100 + (ulong)i, 4);
            Order(2, Side.Buy, 50, 1);
        }
        Send(2, new CancelAll());
    }

    /// <summary>What the sequencer journals for a checkpoint.</summary>
    public ulong Mark()
    {
        WriteVerdict();
        return AppendNext(RecordKind.Mark, []);
    }

    public bool WriteVerdict()
    {
        byte[] payload = new byte[Verdict.SizeOf(Verdict.MaximumCount)];
        int size = Verdicts.WriteVerdict(payload);
        if (size > 0)
            AppendNext(RecordKind.Verdict, payload.AsSpan(0, size));
        return size > 0;
    }

    public ulong AppendNext(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        byte[] record = new byte[RecordHeader.Size + payload.Length];
        new RecordHeader(kind, Size, ++_time).Write(record);
        payload.CopyTo(record.AsSpan(RecordHeader.Size));
        Append(record);
        return Size - 1;
    }

    public SettlementPlane Plane(FileLedger ledger, SettlementOptions? options = null, IDataAvailability? layer = null, Action<Exception>? onFatal = null, Func<bool>? requestMark = null, Microsoft.Extensions.Logging.ILogger? logger = null) =>
        new(options ?? Options, new SettlementHost
        {
            DurableSize = () => DurableSize,
            RequestMark = requestMark ?? (() => false),
            OnFatal = onFatal ?? (failure => Assert.Fail(failure.ToString())),
        }, Verdicts, LogKey, ledger, layer ?? new FolderDataAvailability(Path.Combine(Directory, "da", "batches")), logger ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    /// <summary>The verdicts as recovery would make them for the next process.</summary>
    public void Restart()
    {
        var journaled = new JournaledVerdicts();
        for (int i = 0; i < Records.Count; i++)
            journaled.Read(i, Records[i]);
        using var reader = new JournalReader(JournalDirectory, Venue.Bytes);
        var verdicts = new SignatureVerdicts();
        var sink = new NoSink();
        Recovery.Replay(reader, DurableSize, new Exchange(ExchangeCapacity.Small), journaled, verdicts, ref sink);
        Verdicts = verdicts;
    }

    /// <summary>The next process as recovery makes it: its exchange begins where the start says and is brought to the end.</summary>
    public ReplaySummary Restart(StartingPoint start)
    {
        var journaled = new JournaledVerdicts(start.Exchange.NextUnsettled);
        long from = start.JournalSize == 0 ? 0 : (long)start.JournalSize - 1;
        using (var check = new JournalReader(JournalDirectory, Venue.Bytes, from)) // no recovery: the writer is still open
        {
            while (check.TryRead(DurableSequence, out JournalRecord record))
            {
                start.CheckMark(record.Sequence, record.Bytes);
                journaled.Read(record.Sequence, record.Bytes);
            }
        }
        using var reader = new JournalReader(JournalDirectory, Venue.Bytes, (long)start.JournalSize) { TrustsChain = true };
        var verdicts = new SignatureVerdicts();
        var sink = new NoSink();
        ReplaySummary summary = Recovery.Replay(reader, DurableSize, start.Exchange, journaled, verdicts, ref sink, FileLedger.Newest(Directory));
        Verdicts = verdicts;
        return summary;
    }

    public FileLedger Ledger() => new(Directory);

    public List<CheckpointRecord> Checkpoints()
    {
        var verifier = new CheckpointVerifier(Venue, VerifyingKey.TryImport(LogKey.PublicKey)!);
        return [.. FileLedger.ReadFrom(Directory).Select(note => verifier.TryOpen(note, out CheckpointRecord? record, out _, out string? error) ? record! : throw new InvalidDataException(error))];
    }

    public void Dispose()
    {
        _writer.Dispose();
        LogKey.Dispose();
        _keys.ForEach(key => key.Dispose());
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static Symbol Name(string text) => Symbol.TryParse(text, out Symbol symbol) ? symbol : throw new FormatException(text);

    private static byte[] Seed(int number) => Enumerable.Repeat((byte)(number + 1), 32).ToArray();

    private void Append(byte[] record)
    {
        Assert.That(RecordHeader.TryRead(record, out RecordHeader header, out ReadOnlySpan<byte> payload), Is.True);
        var sink = new ListSink(Events);
        ApplyResult result = _live.Apply(header, payload, SignatureHint.None, ref sink);
        Verdicts.Record(header.Sequence, result == ApplyResult.BadSignature);
        Records.Add(record);
        Assert.That(_writer.TryAppend(record), Is.True);
        _writer.Commit();
    }

    internal readonly struct ListSink(List<ExchangeEvent> events) : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened) => events.Add(happened);
    }

    internal readonly struct NoSink : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened)
        {
        }
    }
}
