using Clob.Ring;

namespace Clob.Appliance;

/// <summary>Reads all sections and gives the options, or every fault in words.</summary>
internal static class SettingsReader
{
    /// <summary>The name of the settings file, and of the defaults embedded in the program.</summary>
    internal const string FileName = "appsettings.json";

    /// <summary>Sources in rising precedence: embedded defaults, file beside the program, file in the working directory, environment, command line.</summary>
    /// <param name="commandLine">Settings given as arguments.</param>
    /// <param name="contentRoot">The working directory.</param>
    internal static IConfiguration Load(IEnumerable<KeyValuePair<string, string?>> commandLine, string contentRoot)
    {
        var builder = new ConfigurationBuilder();
        AddDefaults(builder);
        foreach (string directory in new[] { AppContext.BaseDirectory, contentRoot }.Select(Path.GetFullPath).Distinct())
            builder.AddJsonFile(Path.Combine(directory, FileName), optional: true, reloadOnChange: false);
        builder.AddEnvironmentVariables("CLOB_");
        builder.AddInMemoryCollection(commandLine);
        return builder.Build();
    }

    /// <summary>The embedded defaults alone.</summary>
    internal static IConfigurationBuilder AddDefaults(IConfigurationBuilder builder)
    {
        using var file = typeof(SettingsReader).Assembly.GetManifestResourceStream(FileName)
            ?? throw new InvalidOperationException($"{FileName} is not embedded in {typeof(SettingsReader).Assembly.GetName().Name}.");
        var copy = new MemoryStream();
        file.CopyTo(copy);
        copy.Position = 0;
        return builder.AddJsonStream(copy);
    }

    /// <summary>Reads and checks everything; the options are to be used only if there is no fault.</summary>
    /// <param name="configuration">All sources.</param>
    /// <param name="availableCores">Cores this process may use.</param>
    internal static (ApplianceSettings Options, SettingFindings Findings) Read(IConfiguration configuration, IReadOnlyList<int> availableCores)
    {
        var findings = new SettingFindings();
        HashSet<string> sections = new(StringComparer.OrdinalIgnoreCase);
        var options = new ApplianceSettings
        {
            Data = Section("Data", DataSettings.Read),
            Http = Section("Http", HttpSettings.Read),
            OrderEntry = Section("OrderEntry", OrderEntrySettings.Read),
            MarketData = Section("MarketData", MarketDataSettings.Read),
            Settlement = Section("Settlement", SettlementSettings.Read),
            Journal = Section("Journal", JournalSettings.Read),
            Pipeline = Section("Pipeline", PipelineSettings.Read),
            Logging = Section("Logging", LoggingSettings.Read),
            Venue = Section("Venue", VenueSettings.Read),
        };
        foreach (var child in configuration.GetChildren())
        {
            // A plain CLOB_SOMETHING in the environment is no setting: settings have a section.
            if (!sections.Contains(child.Key) && child.GetChildren().Any())
                findings.Add($"{child.Key} is not a section of settings; there are {string.Join(", ", sections)}.");
        }

        if (findings.Faults.Count == 0)
            CheckTogether(options, availableCores, findings);
        return (options, findings);

        T Section<T>(string name, Func<SettingReader, T> read)
        {
            sections.Add(name);
            var reader = new SettingReader(configuration.GetSection(name), name, findings);
            var section = read(reader);
            reader.RefuseUnknown();
            return section;
        }
    }

    /// <summary>Reads for this host; a fault throws.</summary>
    /// <exception cref="ConfigurationFaultException">Something is not accepted; the message has a line for each fault.</exception>
    internal static ApplianceSettings ReadOrThrow(IConfiguration configuration)
    {
        var (options, findings) = Read(configuration, ThreadPlacement.AvailableCores());
        return findings.Faults.Count == 0 ? options : throw new ConfigurationFaultException(findings.Faults);
    }

    private static void CheckTogether(ApplianceSettings options, IReadOnlyList<int> availableCores, SettingFindings findings)
    {
        if (options.Http.Listen.Port != 0 && options.Http.Listen.Equals(options.OrderEntry.Listen))
            findings.Add($"Http:Listen and OrderEntry:Listen both hold '{options.Http.Listen}'; they accept different ports.");
        foreach (int core in options.Pipeline.Cores.Cores.Except(availableCores))
            findings.Add($"Pipeline:Cores names core {core}; this process may use {string.Join(", ", availableCores)}.");
        if (findings.Faults.Count == 0 && ThreadPlan.FaultOf(options.Pipeline, availableCores) is { } fault)
            findings.Add(fault);
    }
}

/// <summary>Settings that are not accepted.</summary>
public sealed class ConfigurationFaultException : Exception
{
    /// <summary>Takes the faults, a sentence each.</summary>
    public ConfigurationFaultException(IReadOnlyList<string> faults)
        : base(string.Join('\n', faults)) => Faults = faults;

    /// <summary>The faults, a sentence each.</summary>
    public IReadOnlyList<string> Faults { get; }
}
