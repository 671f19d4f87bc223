using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>Reads by type. A number is plain digits: what a person reads in the file is what the program reads.</summary>
internal static class SettingParsers
{
    /// <summary>A number from <paramref name="minimum"/> to <paramref name="maximum"/>.</summary>
    internal static T Number<T>(this SettingReader settings, string name, T minimum, T maximum)
        where T : struct, IBinaryInteger<T> =>
        settings.Read(name, $"a number from {minimum} to {maximum}", (string text, out T value) => TryNumber(text, minimum, maximum, out value));

    /// <summary>A multiple of <paramref name="unit"/>.</summary>
    internal static T Multiple<T>(this SettingReader settings, string name, T unit, T minimum, T maximum)
        where T : struct, IBinaryInteger<T> =>
        settings.Read(name, $"a multiple of {unit} from {minimum} to {maximum}",
            (string text, out T value) => TryNumber(text, minimum, maximum, out value) && T.IsZero(value % unit));

    /// <summary>A power of two.</summary>
    internal static int PowerOfTwo(this SettingReader settings, string name, int minimum, int maximum) =>
        settings.Read(name, $"a power of two from {minimum} to {maximum}",
            (string text, out int value) => TryNumber(text, minimum, maximum, out value) && BitOperations.IsPow2(value));

    /// <summary>A number, or null for <c>Auto</c>.</summary>
    internal static int? NumberOrAuto(this SettingReader settings, string name, int minimum, int maximum) =>
        settings.Read<int?>(name, $"Auto, or a number from {minimum} to {maximum}", (string text, out int? value) =>
        {
            bool isNumber = TryNumber(text, minimum, maximum, out int number);
            value = isNumber ? number : null;
            return isNumber || IsAuto(text);
        });

    /// <summary>One of an enumeration's names.</summary>
    internal static T Choice<T>(this SettingReader settings, string name)
        where T : struct, Enum =>
        settings.Read(name, OneOf(Enum.GetNames<T>()), (string text, out T value) => TryChoice(text, out value));

    /// <summary>One of an enumeration's names, or null for <c>Auto</c>.</summary>
    internal static T? ChoiceOrAuto<T>(this SettingReader settings, string name)
        where T : struct, Enum =>
        settings.Read<T?>(name, OneOf(["Auto", .. Enum.GetNames<T>()]), (string text, out T? value) =>
        {
            bool isChoice = TryChoice(text, out T choice);
            value = isChoice ? choice : null;
            return isChoice || IsAuto(text);
        });

    /// <summary>A duration.</summary>
    internal static TimeSpan Duration(this SettingReader settings, string name, TimeSpan minimum, TimeSpan maximum) =>
        settings.Read(name, $"a duration such as 00:00:05 (hours:minutes:seconds) from {Text(minimum)} to {Text(maximum)}", (string text, out TimeSpan value) =>
            TimeSpan.TryParseExact(text, ["hh\\:mm\\:ss", "hh\\:mm\\:ss\\.FFFFFFF", "d\\.hh\\:mm\\:ss"], CultureInfo.InvariantCulture, out value)
            && value >= minimum && value <= maximum);

    /// <summary>An address and port to listen on. Port 0 takes a free one.</summary>
    internal static IPEndPoint Endpoint(this SettingReader settings, string name) =>
        settings.Read(name, "an IP address and port such as 127.0.0.1:9090 (port 0 to 65535, 0 takes a free one)",
            (string text, [MaybeNullWhen(false)] out IPEndPoint value) => TryEndpoint(text, out value));

    /// <summary>A multicast group and port.</summary>
    internal static IPEndPoint MulticastGroup(this SettingReader settings, string name) =>
        settings.Read(name, "an IPv4 multicast address (224.0.0.0 to 239.255.255.255) and a port from 1 to 65535, such as 239.255.42.1:26400",
            (string text, [MaybeNullWhen(false)] out IPEndPoint value) =>
                TryEndpoint(text, out value) && value.Port != 0
                && value.AddressFamily == AddressFamily.InterNetwork && value.Address.GetAddressBytes()[0] is >= 224 and <= 239);

    /// <summary>An IPv4 address of this host.</summary>
    internal static IPAddress Address(this SettingReader settings, string name) =>
        settings.Read(name, "an IPv4 address of this host such as 127.0.0.1", (string text, [MaybeNullWhen(false)] out IPAddress value) =>
            IPAddress.TryParse(text, out value) && value.AddressFamily == AddressFamily.InterNetwork && value.ToString() == text);

    /// <summary>The URL of a service.</summary>
    internal static Uri Url(this SettingReader settings, string name) =>
        settings.Read(name, "an absolute http or https URL such as http://127.0.0.1:3100", (string text, [MaybeNullWhen(false)] out Uri value) =>
            Uri.TryCreate(text, UriKind.Absolute, out value) && value.Scheme is "http" or "https" && value is { Query: "", Fragment: "" });

    /// <summary>A path.</summary>
    internal static string Path(this SettingReader settings, string name, string accepts) =>
        settings.Read(name, accepts, (string text, [MaybeNullWhen(false)] out string value) =>
        {
            value = text;
            return text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal);
        });

    /// <summary>A short name of an asset or market.</summary>
    internal static Symbol Symbol(this SettingReader settings, string name) =>
        settings.Read(name, "1 to 8 characters A-Z, 0-9, '.', '-' or '/'",
            (string text, out Symbol value) => Protocol.Symbol.TryParse(text, out value));

    internal static bool IsAuto(string text) => text.Equals("Auto", StringComparison.OrdinalIgnoreCase);

    private static bool TryNumber<T>(string text, T minimum, T maximum, out T value)
        where T : struct, IBinaryInteger<T> =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum;

    // Enum.TryParse takes numbers and lists too: a name is what is accepted.
    private static bool TryChoice<T>(string text, out T value)
        where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out value) && Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase);

    // IPEndPoint.TryParse takes an address without a port, and shorthands such as "1:80"; both are more likely slips than meant.
    private static bool TryEndpoint(string text, [MaybeNullWhen(false)] out IPEndPoint value)
    {
        if (IPEndPoint.TryParse(text, out value) && value.ToString() == text)
            return true;
        value = null;
        return false;
    }

    private static string Text(TimeSpan duration) =>
        duration.ToString(duration.Days > 0 ? "d\\.hh\\:mm\\:ss" : "hh\\:mm\\:ss\\.FFF", CultureInfo.InvariantCulture).TrimEnd('.');

    private static string OneOf(string[] names) =>
        names.Length == 1 ? names[0] : string.Join(", ", names[..^1]) + " or " + names[^1];
}
