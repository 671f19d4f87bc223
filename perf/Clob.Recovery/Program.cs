// How long a start takes: recovery of a journal's tail beside the bare engine applying the same records, and a snapshot of a large venue written and loaded.
//   dotnet run -c Release --project perf/Clob.Recovery -- replay [--commands N] [--batch B] [--directory D]
//   dotnet run -c Release --project perf/Clob.Recovery -- snapshot [--accounts A] [--orders O] [--directory D]
// Needs two quiet cores, and memory and disk for some 300 bytes a command or 1 KB an account.
using System.Globalization;
using Clob.Load;
using Clob.Recovery;

if (args is not (["replay" or "snapshot", ..]))
{
    Console.Error.WriteLine("usage: Clob.Recovery replay [--commands N] [--batch B] [--directory D] | snapshot [--accounts A] [--orders O] [--directory D]");
    return 2;
}

EnvironmentReport.Print(Console.Out);
string parent = Option("--directory", Path.GetTempPath());
string directory = Directory.CreateDirectory(Path.Combine(parent, $"clob-recovery-{Environment.ProcessId}")).FullName;
try
{
    if (args[0] == "replay")
        ReplayMeasurement.Run(directory, Number("--commands", 10_000_000), Number("--batch", 1));
    else
        SnapshotMeasurement.Run(directory, Number("--accounts", 1_000_000), Number("--orders", 1_000_000));
}
finally
{
    Directory.Delete(directory, recursive: true);
}
return 0;

int Number(string key, int otherwise) => int.Parse(Option(key, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string Option(string key, string otherwise)
{
    int at = Array.IndexOf(args, key);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}
