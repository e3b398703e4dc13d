using System.Text.Json;

namespace ToolRuntime.Cli.Up;

/// <summary>Reads members of two-level sections and gathers every mistake, unknown members among them.</summary>
internal sealed class SettingsReader
{
    private readonly string _top;
    private readonly JsonElement _root;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<string> _mistakes = [];

    public SettingsReader(JsonElement document, string top)
    {
        _top = top;
        _root = Member(document, top);
    }

    public long Number(string section, string name, long standard, long smallest, long largest)
    {
        var value = Find(section, name);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return standard;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= smallest && number <= largest)
        {
            return number;
        }

        _mistakes.Add($"{_top}.{section}.{name}: {value.GetRawText()} is not a whole number from {smallest} to {largest}");
        return standard;
    }

    public string Word(string section, string name, string standard, string[] allowed)
    {
        var value = Find(section, name);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return standard;
        }

        if (value.ValueKind == JsonValueKind.String && allowed.Contains(value.GetString(), StringComparer.Ordinal))
        {
            return value.GetString()!;
        }

        _mistakes.Add($"{_top}.{section}.{name}: {value.GetRawText()} is none of {string.Join(", ", allowed)}");
        return standard;
    }

    public string? Text(string section, string name)
    {
        var value = Find(section, name);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        _mistakes.Add($"{_top}.{section}.{name}: {value.GetRawText()} is not a text");
        return null;
    }

    public IReadOnlyList<string> Words(string section, string name)
    {
        var value = Find(section, name);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(v => v.GetString()!)];
        }

        _mistakes.Add($"{_top}.{section}.{name}: {value.GetRawText()} is not an array of strings");
        return [];
    }

    /// <summary>What was wrong; call after every member was read.</summary>
    public IReadOnlyList<string> Mistakes()
    {
        if (_root.ValueKind == JsonValueKind.Object)
        {
            foreach (var section in _root.EnumerateObject())
            {
                _mistakes.AddRange(Unknown(section));
            }
        }
        else if (_root.ValueKind != JsonValueKind.Undefined)
        {
            _mistakes.Add($"{_top}: an object was expected");
        }

        return _mistakes;
    }

    private IEnumerable<string> Unknown(JsonProperty section)
    {
        if (!_known.Any(k => k.StartsWith($"{section.Name}.", StringComparison.Ordinal)))
        {
            return [$"{_top}.{section.Name}: there is no such section"];
        }

        return section.Value.ValueKind == JsonValueKind.Object
            ? section.Value.EnumerateObject().Select(m => $"{section.Name}.{m.Name}").Where(m => !_known.Contains(m)).Select(m => $"{_top}.{m}: there is no such setting")
            : [$"{_top}.{section.Name}: an object was expected"];
    }

    private JsonElement Find(string section, string name)
    {
        _known.Add($"{section}.{name}");
        return Member(Member(_root, section), name);
    }

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;
}
