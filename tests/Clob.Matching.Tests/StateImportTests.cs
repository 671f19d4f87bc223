using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>An Exchange built from what another exported is that other one, and from nothing else is any built.</summary>
public sealed class StateImportTests
{
    private static Exchange Import(IEnumerable<Entry> entries, ExchangeCapacity? capacity = null)
    {
        var import = new Exchange.StateImport(capacity ?? ExchangeCapacity.Small);
        foreach (var entry in entries)
            import.Visit(entry.Section, entry.Bytes);
        return import.Finish();
    }

    /// <summary>A venue of which every kind of entry, flag and optional part is there.</summary>
    private static Exchange RichVenue()
    {
        var scenario = new Scenario("maker=-100 taker=333 band=500000", rules: new EngineRules { MaximumTriggeredOfRecord = 1 });
        scenario.Do(
            "op asset 3 2 EUR & market 2 3/1 notional=5000 & register 1",
            "A settings on stp=oldest", "C settings - kill=on", "D settings - stp=both", "D rotate 7",
            "op limits B orders=9 notional=100000 & limits D trading=off & fees A 1 maker=-5 taker=5 & fees A 2 taker=7 & fees B 1 maker=3",
            "A buy 50@10 gtd=90000 client=4", "A buy 20@10 show=5 & buy 7@10", "B sell 13@10 ioc", "B sell 30@12 show=10 post", "A buy 13@12", "A reduce #1 3",
            "B sell 30@12 gtd=80000", "A withdraw 5 of 1 & withdraw 6 of 2", "op settle 1 paid", "op deposit A 1 of 3 id=4 & deposit B 2 of 2 id=3",
            "A withdraw 1 of 3", "op settle 3 paid", "A bad buy 1@1", "verdict 2", "A bad buy 1@1", "B buy 2@3 m=2", "op state 2 Halted",
            "C settings - kill=off", "C buy 3@14 stop=14", "C buy 3@14 stop=13 gtd=99000 show=1 & buy 4@13 stop=13 ioc & sell 4@9 stop=7 market", "B sell 2@13 stp=allow", "A buy 48@13 stp=allow ioc");
        Assert.That(scenario.Venue.Exchange.EarliestDeadline, Is.Zero, "a triggered stop waits");
        return scenario.Venue.Exchange;
    }

    [Test]
    public void Exports_what_it_was_imported_from()
    {
        var entries = Entry.Of(RichVenue());
        Assert.That(entries.Select(entry => (char)entry.Bytes[0]).Distinct(), Is.EqualTo("abfsmopnredwtv"));
        foreach (var capacity in new[] { new ExchangeCapacity(1, 1, 1), ExchangeCapacity.Default })
        {
            var imported = Import(entries, capacity);
            imported.Audit();
            Assert.That(Entry.Of(imported), Is.EqualTo(entries));
        }
    }

    [Test]
    public void Builds_the_same_from_entries_that_a_root_vouches_for_without_looking_at_their_keys()
    {
        var entries = Entry.Of(RichVenue());
        Assert.That(Entry.Of(ImportCommitted(entries)), Is.EqualTo(entries));
        int account = entries.FindIndex(entry => entry.Bytes[0] == 'a');
        byte[] altered = [.. entries[account].Bytes];
        altered.AsSpan(9, PublicKey.Size).Clear(); // no point that may be registered
        List<Entry> foreign = [.. entries[..account], entries[account] with { Bytes = altered }, .. entries[(account + 1)..]];
        Assert.That(IsRefused(foreign), Is.True, "where no root vouches for them");
        var exchange = ImportCommitted(foreign);
        Assert.That(Entry.Of(exchange), Is.EqualTo(foreign), "the export, by which the caller judges, is of what was read");
        Assert.That(exchange.Audit, Throws.Nothing);
    }

    private static Exchange ImportCommitted(IEnumerable<Entry> entries)
    {
        var import = Exchange.StateImport.OfCommitted(ExchangeCapacity.Small);
        foreach (var entry in entries)
            import.Visit(entry.Section, entry.Bytes);
        return import.Finish();
    }

    [Test]
    public void Goes_on_like_the_other_when_it_was_imported_behind_each_record()
    {
        // The random streams do the same with every feature, now and then: see ReferenceTests.
        var scenario = new Scenario("maker=-100 taker=333");
        var exchange = Import(Entry.Of(scenario.Venue.Exchange));
        scenario.Venue.Applied = (record, isValid, events) =>
        {
            RecordHeader.TryRead(record, out var header, out var payload);
            var again = new EventList();
            exchange.Apply(header, payload, header.Kind == RecordKind.Envelope ? SignatureHint.Settled(isValid) : SignatureHint.None, ref again);
            Assert.That(again.Items, Is.EqualTo(events));
            exchange = Import(Entry.Of(exchange));
            Assert.That(Entry.Of(exchange), Is.EqualTo(Entry.Of(scenario.Venue.Exchange)));
        };
        for (int i = 0; i < 5; i++)
            scenario.Do("op register 3", "A buy 5@10 & buy 5@10 show=1", "B sell 7@10", "C sell 9@11", "A replace #1 9@11", "A cancelall", "B withdraw 1 of 1", "again 2");
    }

    [Test]
    public void Knows_the_keys_of_the_other_and_their_versions()
    {
        var venue = new TestVenue();
        venue.Do(0, TestVenue.Of(new RegisterAccount(new PublicKey(TestVenue.KeyOf(1).PublicKey))));
        venue.Submit(venue.Signed(TestVenue.KeyOf(1), 1, 1, 0, TestVenue.Of(new RotateKey(new PublicKey(TestVenue.KeyOf(2).PublicKey)))));
        foreach (var (key, result) in new[] { (2, ApplyResult.Applied), (1, ApplyResult.BadSignature) })
        {
            var imported = Import(Entry.Of(venue.Exchange));
            byte[] envelope = venue.Signed(TestVenue.KeyOf(key), 1, 2, 0, TestVenue.Of(new CancelAll(0, 0)));
            var former = new SignatureHint(key == 1 ? SignatureStatus.Valid : SignatureStatus.Invalid, KeyVersion: 1, IsSettled: false);
            var sink = new EventList();
            var header = new RecordHeader(RecordKind.Envelope, imported.NextSequence, imported.LastTime + 1);
            Assert.That(imported.Apply(header, envelope, former, ref sink), Is.EqualTo(result), "a hint by the former key is not believed");
            Assert.That(imported.Keys.FindAccount(new PublicKey(TestVenue.KeyOf(2).PublicKey)), Is.EqualTo(1));
            Assert.That(imported.Keys.FindAccount(new PublicKey(TestVenue.KeyOf(1).PublicKey)), Is.Null);
        }
    }

    [Test]
    public void Refuses_a_state_that_differs_or_is_that_other_state_exactly()
    {
        var entries = Entry.Of(RichVenue());
        var taken = new SortedSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < entries.Count; i++)
        {
            for (int at = 0; at < entries[i].Bytes.Length; at++)
            {
                byte[] altered = [.. entries[i].Bytes];
                altered[at] ^= (byte)(1 << at % 8);
                if (!IsRefused([.. entries[..i], entries[i] with { Bytes = altered }, .. entries[(i + 1)..]]))
                    taken.Add($"{(char)entries[i].Bytes[0]} {at}");
            }
        }

        // What no other entry contradicts may say something else, which is then said again: names, digests, client order ids, terms, next numbers.
        TestContext.Out.WriteLine(string.Join(", ", taken));
        Assert.That(taken, Does.Contain("m 35").And.Contain("e 18")); // a symbol, a digest
        Assert.That(taken.Where(field => field[0] is 'b' or 't'), Is.Empty);
        Assert.That(Enumerable.Range(20, 16).Select(at => $"o {at}").Intersect(taken), Is.Empty, "open quantity and account of an order");
        Assert.That(Enumerable.Range(28, 16).Select(at => $"p {at}").Intersect(taken), Is.Empty, "open quantity and account of a stop");
    }

    [Test]
    public void Refuses_entries_that_are_missing_doubled_swapped_cut_or_longer()
    {
        var entries = Entry.Of(RichVenue());
        var wrong = new List<string>();
        for (int i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            Expect($"{i} missing", [.. entries[..i], .. entries[(i + 1)..]], mayBe: "defv" + (IsEmptyBalance(entry) ? "b" : ""));
            Expect($"{i} doubled", [.. entries[..i], entry, .. entries[i..]]);
            Expect($"{i} cut", [.. entries[..i], entry with { Bytes = entry.Bytes[..^1] }, .. entries[(i + 1)..]]);
            Expect($"{i} longer", [.. entries[..i], entry with { Bytes = [.. entry.Bytes, 0] }, .. entries[(i + 1)..]]);
            if (i != 0)
                Expect($"{i} swapped", [.. entries[..(i - 1)], entry, entries[i - 1], .. entries[(i + 1)..]], mayBe: AreOfOneLevel(entries[i - 1], entry) ? "o" : "");
            Expect($"{i} empty", [.. entries[..i], entry with { Bytes = [] }, .. entries[(i + 1)..]]);
            Expect($"{i} in another section", [.. entries[..i], entry with { Section = entry.Section == StateSection.Rest ? StateSection.Accounts : StateSection.Rest }, .. entries[(i + 1)..]]);
            Expect($"nothing behind {i}", [.. entries[..i]], mayBe: "v");

            void Expect(string what, List<Entry> state, string mayBe = "")
            {
                // A state without a fee, a deposit id, a bad signature or the oldest of an account's envelopes is another good state.
                if (!IsRefused(state) && !mayBe.Contains((char)entry.Bytes[0], StringComparison.Ordinal))
                    wrong.Add($"{what}: {(char)entry.Bytes[0]}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    private static bool IsEmptyBalance(Entry entry) => entry.Bytes[0] == 'b' && entry.Bytes.AsSpan(13).IndexOfAnyExcept((byte)0) < 0;

    /// <summary>Icebergs may stand in any order at their price.</summary>
    private static bool AreOfOneLevel(Entry first, Entry second) =>
        first.Bytes[0] == 'o' && second.Bytes[0] == 'o' && first.Bytes.AsSpan(1, 11).SequenceEqual(second.Bytes.AsSpan(1, 11));

    [Test]
    public void Refuses_a_state_without_a_genesis_record()
    {
        Assert.That(IsRefused([]), Is.True);
        Assert.That(IsRefused(Entry.Of(new Exchange(ExchangeCapacity.Small))), Is.True);
    }

    [Test]
    public void Refuses_the_numbers_of_rules_it_does_not_know()
    {
        var exchange = new TestVenue(rules: new EngineRules { NewestVersion = 9 }).Exchange;
        var entries = Entry.Of(exchange);
        byte[] numbers = entries.Single(entry => entry.Bytes[0] == 'n').Bytes;
        numbers[4] = 2;
        var refused = Assert.Throws<StateRefusedException>(() => Import(entries));
        Assert.That(refused!.Message, Does.Contain("version").And.Contain("found 2"));
    }

    [Test]
    public void An_import_is_over_behind_its_end_and_behind_a_refusal()
    {
        var entries = Entry.Of(RichVenue());
        var import = new Exchange.StateImport(ExchangeCapacity.Small);
        Assert.Throws<StateRefusedException>(() => import.Visit(entries[1].Section, entries[1].Bytes));
        Assert.Throws<ObjectDisposedException>(() => import.Visit(entries[0].Section, entries[0].Bytes));
        Assert.Throws<ObjectDisposedException>(() => import.Finish());
        import = new Exchange.StateImport(ExchangeCapacity.Small);
        foreach (var entry in entries)
            import.Visit(entry.Section, entry.Bytes);
        import.Finish();
        Assert.Throws<ObjectDisposedException>(() => import.Finish());
    }

    /// <summary>True when the import refuses it; when it does not, the result must be that very state, and all invariants hold.</summary>
    private static bool IsRefused(List<Entry> state)
    {
        try
        {
            var exchange = Import(state);
            exchange.Audit();
            Assert.That(Entry.Of(exchange).SequenceEqual(state), Is.True);
            return false;
        }
        catch (StateRefusedException)
        {
            return true;
        }
    }

    /// <summary>An entry of the visited state; equal by its bytes.</summary>
    private readonly record struct Entry(StateSection Section, byte[] Bytes)
    {
        public static List<Entry> Of(Exchange exchange)
        {
            var entries = new Entries();
            exchange.VisitState(ref entries);
            return entries.Items;
        }

        public bool Equals(Entry other) => Section == other.Section && Bytes.AsSpan().SequenceEqual(other.Bytes);

        public override int GetHashCode() => Bytes.Length;

        private readonly struct Entries() : IStateVisitor
        {
            public List<Entry> Items { get; } = [];

            public void Visit(StateSection section, ReadOnlySpan<byte> entry) => Items.Add(new Entry(section, entry.ToArray()));
        }
    }
}
