namespace Clob.Appliance;

/// <summary>Settings on the command line: <c>--Section:Key=value</c> or <c>--Section:Key value</c>. Anything else is refused, not ignored.</summary>
internal static class SettingArguments
{
    /// <summary>Reads the arguments; of a key given twice the last counts.</summary>
    /// <exception cref="ConfigurationFaultException">An argument is no setting.</exception>
    internal static Dictionary<string, string?> Parse(IReadOnlyList<string> arguments)
    {
        Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase);
        List<string> faults = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument : argument[..equals];
            bool isSetting = name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal);
            if (!isSetting)
                faults.Add($"'{name}' is not an argument; a setting is given as --Section:Key=value, such as --Http:Listen=127.0.0.1:9090.");
            else if (equals >= 0)
                settings[name[2..]] = argument[(equals + 1)..];
            else if (i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                settings[name[2..]] = arguments[++i];
            else
                faults.Add($"{name[2..]} has no value; a setting is given as --Section:Key=value.");
        }

        return faults.Count == 0 ? settings : throw new ConfigurationFaultException(faults);
    }
}
