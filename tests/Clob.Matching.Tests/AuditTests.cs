using System.Reflection;
using System.Runtime.CompilerServices;
using Clob.Engine;

namespace Clob.Matching.Tests;

/// <summary>An audit that never fails would be worth nothing: each corruption here is found and named.</summary>
public sealed class AuditTests
{
    private static readonly (string Invariant, Action<BookStorage, Ledger, OrderTermsTable> Corrupt)[] Corruptions =
    [
        ("conservation of asset 1", (_, ledger, _) => ledger.Balances[1].Available++),
        ("has reserved of asset", (_, ledger, _) => ledger.TryReserve(1, 1)),
        ("total of asset|conservation of asset", (_, ledger, _) => ledger.AssetAt(0).Total++),
        ("a level's quantity is the sum", (storage, _, _) => storage.Levels[1].Quantity++),
        ("a level's number of orders", (storage, _, _) => storage.Levels[1].Orders++),
        ("levels are in price order|found by its price|the best price is", (storage, _, _) => storage.Levels[1].Price++),
        ("is found by its id", (storage, _, _) => storage.Index.Remove(2, storage.Find(2))),
        ("time order|found by its id", (storage, _, _) => storage.Orders[storage.Find(2)].Id = 0),
        ("linked both ways", (storage, _, _) => storage.Orders[storage.Find(2)].Previous = 9),
        ("terms of order", (storage, _, terms) => terms[storage.Find(2)].Market = 9),
        ("in its owner's list", (storage, _, terms) => terms[storage.Find(2)].Account = 3),
        ("a heap entry and its order|has reserved", (storage, _, terms) => terms.Rare[terms[storage.Find(3)].Rare].DeadlinePlace = 7),
        ("orders with a deadline are in the heap", (storage, _, terms) => terms.Rare[terms[storage.Find(3)].Rare].Deadline = 0),
        ("rare terms in the pool", (_, _, terms) => terms.Rare.Take()),
        ("has reserved of asset", (storage, _, terms) => terms[storage.Find(1)].Fees.MakerRate = 500_000),
        ("hidden quantity is the sum|sums of a side", (storage, _, _) => storage.Icebergs[storage.Orders[storage.Find(6)].Iceberg].Hidden++),
        ("shows as much at a time as it asked for", (storage, _, _) => storage.Icebergs[storage.Orders[storage.Find(6)].Iceberg].Portion++),
        ("shows what it should|a level's quantity is the sum", (storage, _, _) => storage.Orders[storage.Find(6)].Quantity++),
        ("terms of waiting order", (storage, _, terms) => terms[storage.Find(7)].IsWaiting = false),
        ("does not wait for its stop price", (storage, _, terms) => terms[storage.Find(1)].IsWaiting = true),
        ("a level's quantity is the sum", (storage, _, _) => storage.Orders[storage.Find(7)].Quantity++),
        ("in the order of their ids|found by its id", (storage, _, _) => storage.Orders[storage.Find(3)].Id = 1),
    ];

    private static IEnumerable<TestCaseData> Cases() =>
        Enumerable.Range(0, Corruptions.Length).Select(i => new TestCaseData(i).SetArgDisplayNames($"{i}: {Corruptions[i].Invariant}"));

    [TestCaseSource(nameof(Cases))]
    public void An_audit_finds(int index)
    {
        var scenario = new Scenario("maker=100 taker=200");
        var exchange = scenario.Venue.Exchange;
        scenario.Do("A buy 5@10", "B buy 5@10", "A buy 5@9 gtd=90000", "C sell 4@20", "C sell 1@10", "D sell 9@21 show=3", "D buy 2@30 stop=25", "A withdraw 7 of 1");
        Corruptions[index].Corrupt(Field<BookStorage>(exchange, "_storage"), Field<Ledger>(exchange, "_ledger"), Field<OrderTermsTable>(exchange, "_terms"));
        var violation = Assert.Throws<InvariantViolationException>(exchange.Audit);
        Assert.That(Corruptions[index].Invariant.Split('|').Any(part => violation!.Invariant.Contains(part, StringComparison.Ordinal)), violation!.Message);
        Assert.That(violation.Sequence, Is.EqualTo(exchange.NextSequence - 1));
    }

    [Test]
    public void A_drifting_sum_stops_the_next_command()
    {
        var scenario = new Scenario();
        scenario.Do("A buy 5@10");
        Field<Ledger>(scenario.Venue.Exchange, "_ledger").AssetAt(0).Sum++;
        var violation = Assert.Throws<InvariantViolationException>(() => scenario.Do("B sell 1@10"));
        Assert.That(violation!.Invariant, Is.EqualTo("conservation of asset 1"));
    }

    [TestCase("A cancel #1")]
    [TestCase("A reduce #1 1")]
    [TestCase("A cancelall")]
    [TestCase("disconnect A")]
    [TestCase("t=90000 time")]
    [TestCase("t=90000 mark")]
    public void A_drifting_sum_stops_whatever_changes_a_hold(string line)
    {
        var scenario = new Scenario();
        scenario.Do("A settings on", "A buy 5@10 gtd=90000");
        Field<Ledger>(scenario.Venue.Exchange, "_ledger").AssetAt(0).Sum++;
        var violation = Assert.Throws<InvariantViolationException>(() => new ScenarioCommands(scenario.Venue).Run(line));
        Assert.That(violation!.Invariant, Is.EqualTo("conservation of asset 1"));
    }

    [Test]
    public void Structs_have_the_sizes_that_the_documentation_names() =>
        Assert.That((Unsafe.SizeOf<RestingOrder>(), Unsafe.SizeOf<OrderTerms>(), Unsafe.SizeOf<PriceLevel>()), Is.EqualTo((32, 64, 32)));

    private static T Field<T>(Exchange exchange, string name) =>
        (T)typeof(Exchange).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(exchange)!;
}
