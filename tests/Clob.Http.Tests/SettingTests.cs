using System.Globalization;
using System.Text;
using Clob.Appliance;
using Microsoft.Extensions.Configuration;

namespace Clob.Http.Tests;

/// <summary>Settings: what is accepted, and what a person reads who mistyped.</summary>
internal sealed class SettingTests
{
    private static readonly int[] TwoCores = [0, 1];

    [Test]
    public void Runs_on_the_embedded_defaults()
    {
        var (settings, findings) = Read(TwoCores);
        Assert.Multiple(() =>
        {
            Assert.That(findings.Faults, Is.Empty);
            Assert.That(settings.Http.Listen.ToString(), Is.EqualTo("127.0.0.1:9090"));
            Assert.That(settings.OrderEntry.Listen.ToString(), Is.EqualTo("127.0.0.1:8080"));
            Assert.That(settings.MarketData.Group.ToString(), Is.EqualTo("239.255.42.1:26400"));
            Assert.That(settings.Settlement.CheckpointInterval, Is.EqualTo(TimeSpan.FromSeconds(5)));
            Assert.That(settings.Venue.Assets.Select(asset => $"{asset.Asset} {asset.Symbol} {asset.Decimals}"), Is.EqualTo(["1 USD 6", "2 BTC 8"]));
            Assert.That(settings.Venue.Markets.Single().BaseAsset, Is.EqualTo(2));
        });
    }

    [TestCase("Data:Directory", "", "Data:Directory holds ''; it accepts a path, created when missing.")]
    [TestCase("Http:Listen", "localhost:9090", "Http:Listen holds 'localhost:9090'; it accepts an IP address and port")]
    [TestCase("Http:Listen", "127.0.0.1", "Http:Listen holds '127.0.0.1'; it accepts an IP address and port")]
    [TestCase("Http:Listen", "127.0.0.1:70000", "Http:Listen holds '127.0.0.1:70000'; it accepts an IP address and port")]
    [TestCase("Http:Listen", "0.0.0.0:9090", "Http:AdminToken is empty while Http:Listen holds '0.0.0.0:9090', which others can reach; it accepts 16 to 256")]
    [TestCase("Http:Listen", "[::]:9090", "Http:AdminToken is empty while Http:Listen holds '[::]:9090'")]
    [TestCase("Http:AdminToken", "short", "Http:AdminToken holds a text of 5 characters; it accepts nothing, or 16 to 256 printable characters")]
    [TestCase("Http:AdminToken", "correct horse battery", "Http:AdminToken holds a text of 21 characters; it accepts nothing")]
    [TestCase("Http:MaximumBodyBytes", "10", "Http:MaximumBodyBytes holds '10'; it accepts a number from 1024 to 1048576.")]
    [TestCase("Http:ReadPatience", "soon", "Http:ReadPatience holds 'soon'; it accepts a duration such as 00:00:05")]
    [TestCase("OrderEntry:Listen", ":8080", "OrderEntry:Listen holds ':8080'; it accepts an IP address and port")]
    [TestCase("OrderEntry:Listen", "127.0.0.1:9090", "Http:Listen and OrderEntry:Listen both hold '127.0.0.1:9090'; they accept different ports.")]
    [TestCase("OrderEntry:MaximumSessions", "0", "OrderEntry:MaximumSessions holds '0'; it accepts a number from 1 to ")]
    [TestCase("OrderEntry:MaximumSessionsPerAccount", "many", "OrderEntry:MaximumSessionsPerAccount holds 'many'; it accepts a number from 1 to ")]
    [TestCase("OrderEntry:RecentReports", "1000", "OrderEntry:RecentReports holds '1000'; it accepts a power of two from 16 to 4194304.")]
    [TestCase("OrderEntry:SendBufferBytes", "1MB", "OrderEntry:SendBufferBytes holds '1MB'; it accepts a number from 16384 to 268435456.")]
    [TestCase("OrderEntry:MaximumEnvelopesPerSecond", "-1", "OrderEntry:MaximumEnvelopesPerSecond holds '-1'; it accepts a number from 0 to 10000000.")]
    [TestCase("OrderEntry:BadSignaturePause", "01:00:00.1", "OrderEntry:BadSignaturePause holds '01:00:00.1'; it accepts a duration such as 00:00:05 (hours:minutes:seconds) from 00:00:00 to 01:00:00.")]
    [TestCase("OrderEntry:BadSignaturePause", "00:02:00", "OrderEntry:MaximumBadSignaturePause holds '00:01:00'; it accepts no less than OrderEntry:BadSignaturePause, which holds '00:02:00'.")]
    [TestCase("OrderEntry:MaximumBadSignaturePause", "0", "OrderEntry:MaximumBadSignaturePause holds '0'; it accepts a duration")]
    [TestCase("OrderEntry:DisconnectGraceSeconds", "1.5", "OrderEntry:DisconnectGraceSeconds holds '1.5'; it accepts a number from 0 to 86400.")]
    [TestCase("MarketData:Group", "10.0.0.1:26400", "MarketData:Group holds '10.0.0.1:26400'; it accepts an IPv4 multicast address")]
    [TestCase("MarketData:Group", "239.255.42.1:0", "MarketData:Group holds '239.255.42.1:0'; it accepts an IPv4 multicast address")]
    [TestCase("MarketData:Interface", "eth0", "MarketData:Interface holds 'eth0'; it accepts an IPv4 address of this host")]
    [TestCase("MarketData:Interface", "1", "MarketData:Interface holds '1'; it accepts an IPv4 address of this host")]
    [TestCase("MarketData:TimeToLive", "256", "MarketData:TimeToLive holds '256'; it accepts a number from 0 to 255.")]
    [TestCase("MarketData:MaximumPayload", "65508", "MarketData:MaximumPayload holds '65508'; it accepts a number from 508 to 65507.")]
    [TestCase("Settlement:CheckpointInterval", "5", "Settlement:CheckpointInterval holds '5'; it accepts a duration such as 00:00:05")]
    [TestCase("Settlement:CheckpointInterval", "00:00:00", "Settlement:CheckpointInterval holds '00:00:00'; it accepts a duration")]
    [TestCase("Settlement:DataAvailability", "Celestia", "Settlement:DataAvailability holds 'Celestia'; it accepts Folder or EigenDa.")]
    [TestCase("Settlement:DataAvailability", "1", "Settlement:DataAvailability holds '1'; it accepts Folder or EigenDa.")]
    [TestCase("Settlement:EigenDaUrl", "127.0.0.1:3100", "Settlement:EigenDaUrl holds '127.0.0.1:3100'; it accepts an absolute http or https URL")]
    [TestCase("Settlement:MaximumBatchBytes", "16252898", "Settlement:MaximumBatchBytes holds '16252898'; it accepts a number from 131072 to 16252897.")]
    [TestCase("Journal:Durability", "Fsync", "Journal:Durability holds 'Fsync'; it accepts DataSync or None.")]
    [TestCase("Journal:SegmentSizeBytes", "1000000", "Journal:SegmentSizeBytes holds '1000000'; it accepts a multiple of 4096 from 131072 to 1073741824.")]
    [TestCase("Journal:SegmentSizeBytes", "1048576", "Journal:SegmentSizeBytes holds '1048576'; it accepts at least Journal:MaximumGroupBytes and a header, 1052672.")]
    [TestCase("Journal:MaximumGroupBytes", "4198400", "Journal:MaximumGroupBytes holds '4198400'; it accepts a multiple of 4096 from 65536 to 4194304.")]
    [TestCase("Pipeline:Verifiers", "0", "Pipeline:Verifiers holds '0'; it accepts Auto, or a number from 1 to 32.")]
    [TestCase("Pipeline:WaitStrategy", "Spin", "Pipeline:WaitStrategy holds 'Spin'; it accepts Auto, BusySpin, Yield, YieldThenBlock or Block.")]
    [TestCase("Pipeline:RingSize", "1000", "Pipeline:RingSize holds '1000'; it accepts a power of two from 256 to 4194304.")]
    [TestCase("Pipeline:EventRingSize", "512", "Pipeline:EventRingSize holds '512'; it accepts a power of two from 1024 to 4194304.")]
    [TestCase("Pipeline:ArenaBytes", "0", "Pipeline:ArenaBytes holds '0'; it accepts a power of two from 1048576 to 1073741824.")]
    [TestCase("Pipeline:Threads", "ingress+verify+match;journal", "Pipeline:Threads holds 'ingress+verify+match;journal'; it accepts Auto, or all of ingress, verify, match, journal and egress")]
    [TestCase("Pipeline:Threads", "ingress+verify+match+egress;journal;journal", "Pipeline:Threads holds")]
    [TestCase("Pipeline:Threads", "ingress+verify+match+sink;journal", "Pipeline:Threads holds")]
    [TestCase("Pipeline:Cores", "7", "Pipeline:Cores names core 7; this process may use 0, 1.")]
    [TestCase("Pipeline:Cores", "1", "Pipeline:Cores names 1 cores; it accepts one for each of the 2 threads (ingress+verify1+match+egress;journal).")]
    [TestCase("Pipeline:Cores", "ingress=0,match=1", "Pipeline:Cores names several cores for the stages ingress+verify1+match+egress, which share a thread; it accepts one.")]
    [TestCase("Pipeline:Cores", "verify2=0", "Pipeline:Cores names verify2; there is no such stage among the threads")]
    [TestCase("Pipeline:Cores", "all", "Pipeline:Cores holds 'all'; it accepts Auto, None, a core for each thread in order such as 2,3, or stage=core")]
    [TestCase("Logging:Level", "Loud", "Logging:Level holds 'Loud'; it accepts Trace, Debug")]
    [TestCase("Venue:Assets:0:Symbol", "usd", "Venue:Assets:0:Symbol holds 'usd'; it accepts 1 to 8 characters")]
    [TestCase("Venue:Assets:0:Decimals", "19", "Venue:Assets:0:Decimals holds '19'; it accepts a number from 0 to 18.")]
    [TestCase("Venue:Assets:1:AssetId", "1", "Venue:Assets holds an AssetId twice; it accepts each once.")]
    [TestCase("Venue:Assets:2:AssetId", "3", "Venue:Assets:2:Decimals is missing; it accepts a number from 0 to 18.")]
    [TestCase("Venue:Markets:0:MarketId", "65536", "Venue:Markets:0:MarketId holds '65536'; it accepts a number from 1 to 65535.")]
    [TestCase("Venue:Markets:0:BaseAsset", "9", "Venue:Markets:0:BaseAsset and Venue:Markets:0:QuoteAsset hold 9 and 1; they accept two different assets of Venue:Assets.")]
    [TestCase("Venue:Markets:0:TakerFeePpm", "-101", "Venue:Markets:0:MakerFeePpm and Venue:Markets:0:TakerFeePpm hold 100 and -101; they accept a sum of at least 0.")]
    [TestCase("Venue:Markets:0:MaximumQuantity", "0", "Venue:Markets:0:MaximumQuantity holds '0'; it accepts a number from 1 to")]
    [TestCase("Pipeline:RingSise", "1", "Pipeline:RingSise is not a setting; Pipeline accepts Verifiers, WaitStrategy, RingSize")]
    [TestCase("Venue:Markets:0:Fee", "1", "Venue:Markets:0:Fee is not a setting; Venue:Markets:0 accepts MarketId")]
    [TestCase("Htpp:Listen", "127.0.0.1:9090", "Htpp is not a section of settings; there are Data, Http")]
    public void Names_the_key_and_what_it_accepts(string key, string value, string message)
    {
        var (_, findings) = Read(TwoCores, (key, value));
        Assert.That(findings.Faults, Has.Some.StartsWith(message));
    }

    [Test]
    public void Never_repeats_the_token()
    {
        var (_, findings) = Read(TwoCores, ("Http:AdminToken", "hunter2"));
        Assert.That(findings.Faults, Has.None.Contain("hunter2"));
    }

    [Test]
    public void Shows_all_faults_at_once()
    {
        var (_, findings) = Read(TwoCores, ("Pipeline:RingSize", "1"), ("Journal:Durability", "No"), ("Http:Port", "1"));
        Assert.That(findings.Faults, Has.Count.EqualTo(3));
    }

    [TestCase(2, null, null, null, null, "ingress+verify1+match+egress;journal", 1, "YieldThenBlock")]
    [TestCase(2, "2", null, null, null, "ingress+verify1+verify2+match+egress;journal", 2, "YieldThenBlock")]
    [TestCase(4, null, null, null, null, "ingress+match+egress;verify1;journal", 1, "YieldThenBlock")]
    [TestCase(5, null, null, null, null, "ingress+match+egress@2;verify1@3;journal@4", 1, "BusySpin")]
    [TestCase(7, null, null, null, null, "ingress@2;verify1@3;match@4;journal@5;egress@6", 1, "BusySpin")]
    [TestCase(10, null, null, null, null, "ingress@2;verify1@3;verify2@4;verify3@5;verify4@6;match@7;journal@8;egress@9", 4, "BusySpin")]
    [TestCase(8, null, null, "None", null, "ingress;verify1;verify2;match;journal;egress", 2, "BusySpin")]
    [TestCase(8, null, null, null, "Block", "ingress@2;verify1@3;verify2@4;match@5;journal@6;egress@7", 2, "Block")]
    [TestCase(2, null, "ingress;verify;match;journal+egress", null, null, "ingress;verify1;match;journal+egress", 1, "YieldThenBlock")]
    [TestCase(4, null, "ingress+verify;verify1;verify2;match;journal;egress", "None", null, "", 0, "")]
    [TestCase(4, "3", "ingress+verify;verify1;verify2;match;journal;egress", "None", null, "ingress+verify3;verify1;verify2;match;journal;egress", 3, "YieldThenBlock")]
    [TestCase(2, null, "ingress+verify1;verify2+match;journal+egress", null, null, "ingress+verify1;verify2+match;journal+egress", 2, "YieldThenBlock")]
    [TestCase(2, null, null, "1,0", null, "ingress+verify1+match+egress@1;journal@0", 1, "YieldThenBlock")]
    [TestCase(2, null, null, "journal=1", null, "ingress+verify1+match+egress;journal@1", 1, "YieldThenBlock")]
    [TestCase(2, null, null, "verify=1", null, "ingress+verify1+match+egress@1;journal", 1, "YieldThenBlock")]
    public void Plans_threads_for_the_host(int cores, string? verifiers, string? threads, string? pins, string? wait, string plan, int count, string strategy)
    {
        int[] available = [.. Enumerable.Range(0, cores)];
        var (settings, findings) = Read(available, ("Pipeline:Verifiers", verifiers ?? "Auto"), ("Pipeline:Threads", threads ?? "Auto"),
            ("Pipeline:Cores", pins ?? "Auto"), ("Pipeline:WaitStrategy", wait ?? "Auto"));
        if (plan.Length == 0)
        {
            Assert.That(findings.Faults, Has.Count.EqualTo(1));
            return;
        }

        Assert.That(findings.Faults, Is.Empty);
        var planned = ThreadPlan.For(settings.Pipeline, available);
        Assert.That((planned.ToString(), planned.Verifiers, planned.WaitStrategy.ToString()), Is.EqualTo((plan, count, strategy)));
    }

    [TestCase("--Http:Listen=127.0.0.1:1", "Http:Listen", "127.0.0.1:1")]
    [TestCase("--Http:Listen 127.0.0.1:1", "Http:Listen", "127.0.0.1:1")]
    [TestCase("--Http:Listen=a --Http:Listen=b", "Http:Listen", "b")]
    public void Takes_settings_from_the_command_line(string arguments, string key, string value) =>
        Assert.That(SettingArguments.Parse(arguments.Split(' '))[key], Is.EqualTo(value));

    [TestCase("Http:Listen=127.0.0.1:1", "'Http:Listen' is not an argument")]
    [TestCase("--verbose", "'--verbose' is not an argument")]
    [TestCase("--Http:Listen", "Http:Listen has no value")]
    [TestCase("--Http:Listen --Data:Directory=x", "Http:Listen has no value")]
    public void Refuses_arguments_that_are_no_settings(string arguments, string message) =>
        Assert.That(() => SettingArguments.Parse(arguments.Split(' ')), Throws.TypeOf<ConfigurationFaultException>().With.Message.StartsWith(message));

    [Test]
    public void Prefers_command_line_to_environment_to_file_to_defaults()
    {
        string directory = Directory.CreateTempSubdirectory("clob-settings").FullName;
        File.WriteAllText(Path.Combine(directory, "appsettings.json"), """{"Http":{"ReadPatience":"00:00:03","MaximumBodyBytes":2048,"Listen":"127.0.0.1:1"}}""");
        Environment.SetEnvironmentVariable("CLOB_Http__MaximumBodyBytes", "4096");
        Environment.SetEnvironmentVariable("CLOB_Http__Listen", "127.0.0.1:2");
        try
        {
            var settings = SettingsReader.ReadOrThrow(SettingsReader.Load([KeyValuePair.Create("Http:Listen", (string?)"127.0.0.1:3")], directory));
            Assert.Multiple(() =>
            {
                Assert.That(settings.Http.Listen.Port, Is.EqualTo(3), "command line");
                Assert.That(settings.Http.MaximumBodyBytes, Is.EqualTo(4096), "environment");
                Assert.That(settings.Http.ReadPatience, Is.EqualTo(TimeSpan.FromSeconds(3)), "file");
                Assert.That(settings.OrderEntry.Listen.Port, Is.EqualTo(8080), "default");
            });
        }
        finally
        {
            Environment.SetEnvironmentVariable("CLOB_Http__MaximumBodyBytes", null);
            Environment.SetEnvironmentVariable("CLOB_Http__Listen", null);
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>The table of docs/configuration.md is the catalogue: every setting with its default and what it accepts, word for word.</summary>
    [Test]
    public void Documents_every_setting_with_its_default()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "configuration.md"));
        var (_, findings) = Read(TwoCores);
        var defaults = SettingsReader.AddDefaults(new ConfigurationBuilder()).Build();
        var missing = new StringBuilder();
        foreach (var setting in findings.Catalogue)
        {
            string? value = defaults[setting.Key.Replace(":N:", ":0:", StringComparison.Ordinal)];
            string row = string.Create(CultureInfo.InvariantCulture, $"| `{setting.Key}` | {(value is { Length: > 0 } ? $"`{value}`" : "empty")} | {setting.Accepts} |");
            if (!document.Contains(row, StringComparison.Ordinal))
                missing.AppendLine(row);
        }

        Assert.That(findings.Catalogue, Has.Count.GreaterThan(40), "the catalogue is not empty");
        Assert.That(missing.ToString(), Is.Empty, "docs/configuration.md lacks these rows");
    }

    private static (ApplianceSettings Settings, SettingFindings Findings) Read(int[] cores, params (string Key, string Value)[] values)
    {
        var builder = SettingsReader.AddDefaults(new ConfigurationBuilder());
        builder.AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value)));
        return SettingsReader.Read(builder.Build(), cores);
    }

    private static string RepositoryRoot()
    {
        string directory = TestContext.CurrentContext.TestDirectory;
        while (!File.Exists(Path.Combine(directory, "Clob.Appliance.sln")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The repository was not found above the tests.");
        return directory;
    }
}
