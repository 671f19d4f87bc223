using System.Diagnostics.CodeAnalysis;

namespace Clob.Appliance;

/// <summary>One setting as the catalogue lists it.</summary>
/// <param name="Key">Full key; the position in a list is written as N.</param>
/// <param name="Accepts">What values it accepts, in words.</param>
internal sealed record SettingDescription(string Key, string Accepts);

/// <summary>Turns a value's text into a value; false when the text is not accepted.</summary>
internal delegate bool SettingParser<T>(string text, [MaybeNullWhen(false)] out T value);

/// <summary>
/// Reads one section of the configuration. Each read names its key, what it accepts and how it is parsed, once; what cannot be read, and every key that
/// nobody asked for, becomes a fault in words. Nothing throws: the person at the keyboard sees all faults at once.
/// </summary>
internal sealed class SettingReader
{
    private readonly IConfiguration _section;
    private readonly string _path;
    private readonly string _catalogPath;
    private readonly SettingFindings _findings;
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    internal SettingReader(IConfiguration section, string path, SettingFindings findings)
        : this(section, path, path, findings)
    {
    }

    private SettingReader(IConfiguration section, string path, string catalogPath, SettingFindings findings)
    {
        _section = section;
        _path = path;
        _catalogPath = catalogPath;
        _findings = findings;
    }

    /// <summary>Reads a value; after a fault, the type's default, which nobody will use.</summary>
    /// <param name="name">The key below the section.</param>
    /// <param name="accepts">What it accepts, to follow "it accepts".</param>
    /// <param name="parse">Text to value.</param>
    /// <param name="isSecret">Whether a fault must not repeat the value.</param>
    internal T Read<T>(string name, string accepts, SettingParser<T> parse, bool isSecret = false)
    {
        _known.Add(name);
        _findings.Describe($"{_catalogPath}:{name}", accepts);
        string? text = _section[name];
        if (text is not null && parse(text.Trim(), out var value))
            return value;
        _findings.Fault(Key(name), text, isSecret, accepts);
        return default!;
    }

    /// <summary>Reads a list whose elements are sections of their own.</summary>
    internal IReadOnlyList<T> ReadList<T>(string name, Func<SettingReader, T> readElement)
    {
        _known.Add(name);
        List<T> elements = [];
        foreach (var child in _section.GetSection(name).GetChildren())
        {
            var element = new SettingReader(child, $"{Key(name)}:{child.Key}", $"{_catalogPath}:{name}:N", _findings);
            elements.Add(readElement(element));
            element.RefuseUnknown();
        }

        return elements;
    }

    /// <summary>The full key of a name in this section.</summary>
    internal string Key(string name) => $"{_path}:{name}";

    /// <summary>States a fault that several values cause together.</summary>
    internal void Fault(string message) => _findings.Add(message);

    /// <summary>To be called last: whatever key was not read is a misspelling.</summary>
    internal void RefuseUnknown()
    {
        foreach (var child in _section.GetChildren())
        {
            if (!_known.Contains(child.Key))
                _findings.Add($"{Key(child.Key)} is not a setting; {_path} accepts {string.Join(", ", _known)}.");
        }
    }
}

/// <summary>What came up while reading: the settings there are, and the faults.</summary>
internal sealed class SettingFindings
{
    private readonly List<SettingDescription> _catalogue = [];
    private readonly List<string> _faults = [];

    /// <summary>All settings that were asked for, each once, in the order of reading.</summary>
    internal IReadOnlyList<SettingDescription> Catalogue => _catalogue;

    /// <summary>All faults, a sentence each.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    internal void Describe(string key, string accepts)
    {
        if (!_catalogue.Exists(known => known.Key == key))
            _catalogue.Add(new SettingDescription(key, accepts));
    }

    internal void Fault(string key, string? text, bool isSecret, string accepts) =>
        Add(text is null ? $"{key} is missing; it accepts {accepts}."
            : isSecret ? $"{key} holds a text of {text.Length} characters; it accepts {accepts}."
            : $"{key} holds '{text}'; it accepts {accepts}.");

    internal void Add(string fault) => _faults.Add(fault);
}
