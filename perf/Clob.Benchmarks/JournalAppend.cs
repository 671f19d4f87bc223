using BenchmarkDotNet.Attributes;
using Clob.Journal;

namespace Clob.Benchmarks;

/// <summary>
/// Group commits on the disk under the working directory's temporary folder, synced and not: the ratio is what durability costs.
/// </summary>
public class JournalAppend
{
    private readonly byte[] _record = new byte[200];
    private string _directory = "";
    private JournalWriter _writer = null!;

    [Params(JournalDurability.None, JournalDurability.DataSync)]
    public JournalDurability Durability { get; set; }

    [Params(1, 64)]
    public int RecordsPerGroup { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("clob-benchmark-").FullName;
        var options = new JournalOptions { Directory = Path.Combine(_directory, "journal"), Identity = new byte[32], Durability = Durability };
        _writer = new JournalWriter(options, JournalRecovery.Recover(options));
    }

    [GlobalCleanup]
    public void Close()
    {
        _writer.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(Description = "append and commit a group")]
    public void AppendAndCommit()
    {
        for (int i = 0; i < RecordsPerGroup; i++)
            _writer.TryAppend(_record);
        _writer.Commit();
    }
}
