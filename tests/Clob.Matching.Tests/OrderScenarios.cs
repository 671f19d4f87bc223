namespace Clob.Matching.Tests;

public sealed class OrderScenarios
{
    [Test]
    public void Fills_by_price_then_time() => Scenario.Run("""
        A sell 5@101                | accepted A#1; rested #1 5@101
        B sell 5@100                | accepted B#2; rested #2 5@100
        C sell 5@100                | accepted C#3; rested #3 5@100
        book 1                      |  / 10@100, 5@101
        D buy 12@101                | accepted D#4; made B#2 5@100 done; took D#4 5@100 left 7; made C#3 5@100 done; took D#4 5@100 left 2; made A#1 2@101 left 3; took D#4 2@101 done
        book 1                      |  / 3@101
        D has                       | 1: 998798+0, 2: 1000012+0
        A has                       | 1: 1000202+0, 2: 999995+3
        """);
}
