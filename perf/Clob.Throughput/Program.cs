// How many commands per second the bare order book and the whole Exchange apply, on one thread, beside the touch floor of the same run.
//   dotnet run -c Release --project perf/Clob.Throughput -- FLOW [--book|--exchange] [--cpu N] [--runs R] [--thread-time] [--no-records]
// FLOW is a file that flowgen wrote, or the word "scattered": a million orders at random prices across 2^62. Needs one quiet core, and memory for some four times the flow.
using System.Globalization;
using Clob.Ring;
using Clob.Throughput;

string? path = args.FirstOrDefault(argument => !argument.StartsWith('-'));
if (path is null || (path != ScatteredFlow.Name && !File.Exists(path)))
{
    Console.Error.WriteLine($"usage: Clob.Throughput FLOW [--book|--exchange] [--cpu N] [--runs R] [--thread-time] [--no-records]   (FLOW: a file that flowgen wrote, or '{ScatteredFlow.Name}')");
    return 2;
}

Measurement.ByThreadTime = args.Contains("--thread-time");
bool isBoth = !args.Contains("--book") && !args.Contains("--exchange");
int cpu = Option("--cpu", -1);
int runs = Option("--runs", 5);
if (cpu >= 0)
    ThreadPlacement.PinCurrentThread(cpu);
var flow = path == ScatteredFlow.Name ? ScatteredFlow.Make() : Flow.Load(path);
bool isWithRecords = !args.Contains("--no-records");
var commands = isBoth || args.Contains("--exchange") ? new EncodedCommands(flow, isWithRecords) : null;
var subjects = new List<Measurement> { new("touch floor", flow, _ => new TouchFloor(flow)) };
if (isBoth || args.Contains("--book"))
    subjects.Add(new Measurement("bare book", flow, orders => new BookDriver(flow, orders)));
if (commands is not null)
{
    subjects.Add(new Measurement("whole Exchange", flow, orders => new ExchangeDriver(flow, commands, orders, inEnvelopes: false)));
    if (isWithRecords)
        subjects.Add(new Measurement("Exchange, whole records", flow, orders => new ExchangeDriver(flow, commands, orders, inEnvelopes: true)));
}

Report.PrintHead(Console.Out, path, flow, cpu, runs);
foreach (var subject in subjects)
    subject.WarmUp();
for (int run = 0; run < runs; run++) // by turns, so that what else goes on on the machine meets all alike
    subjects.ForEach(subject => subject.Run());
Report.PrintRates(Console.Out, subjects);
Report.PrintLatencies(Console.Out, subjects);
Report.PrintFills(Console.Out, subjects);
return 0;

int Option(string key, int otherwise)
{
    int at = Array.IndexOf(args, key);
    return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
