using System.CommandLine;
using System.Net;

namespace Clob.Appliance;

/// <summary>
/// The command line: settings as <c>--Section:Key=value</c> run the venue, <c>fake-da</c> runs the stand-in data availability server.
/// </summary>
internal static class ApplianceCommand
{
    /// <summary>Runs what the arguments ask for and gives the exit status.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        // No timeout: a venue drains before it ends, and says itself when it gives up.
        var parsed = Root().Parse(args);
        return parsed.Errors.Count == 0
            ? await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false)
            : Refuse(parsed.Errors.Select(error => error.Message));
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Runs the exchange. Every setting of docs/configuration.md is an option: --Http:Listen=127.0.0.1:9090.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        root.SetAction((parsed, cancellation) => RunVenueAsync(parsed.UnmatchedTokens, cancellation));
        root.Subcommands.Add(FakeDa());
        return root;
    }

    private static Command FakeDa()
    {
        var listen = new Option<IPEndPoint>("--listen")
        {
            Description = "Address and port to listen on.",
            DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 3100),
            CustomParser = result =>
            {
                if (IPEndPoint.TryParse(result.Tokens[0].Value, out var endpoint) && endpoint.ToString() == result.Tokens[0].Value)
                    return endpoint;
                result.AddError($"--listen holds '{result.Tokens[0].Value}'; it accepts an IP address and port such as 127.0.0.1:3100.");
                return null;
            },
        };
        var command = new Command("fake-da", "Runs a stand-in for an EigenDA proxy that keeps its blobs in memory.") { listen };
        command.SetAction((parsed, cancellation) => FakeDaHost.RunAsync(parsed.GetValue(listen)!, cancellation));
        return command;
    }

    private static async Task<int> RunVenueAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        ApplianceSettings options;
        try
        {
            var settings = SettingArguments.Parse(arguments);
            options = SettingsReader.ReadOrThrow(SettingsReader.Load(settings, Directory.GetCurrentDirectory()));
        }
        catch (ConfigurationFaultException faults)
        {
            return Refuse(faults.Faults);
        }
        catch (InvalidDataException unreadable) // a settings file that is no JSON
        {
            return Refuse([unreadable.InnerException is { } cause ? $"{unreadable.Message} {cause.Message}" : unreadable.Message]);
        }

        return await ApplianceHost.RunAsync(options, cancellation).ConfigureAwait(false);
    }

    private static int Refuse(IEnumerable<string> faults)
    {
        foreach (string fault in faults)
            Console.Error.WriteLine(fault);
        return ExitCode.BadSettings;
    }
}
