using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>The comment at the head of a script, which says what its tool is.</summary>
internal sealed partial class ShellHeader
{
    private static readonly string[] s_types = ["string", "number", "integer", "boolean", "object", "array"];
    private readonly List<string> _description = [];
    private readonly JsonObject _properties = [];
    private readonly JsonArray _required = [];
    private string _name;

    private ShellHeader(string name) => _name = name;

    /// <summary>Schema of the result where the script says that it prints JSON, else null: it prints text.</summary>
    internal JsonNode? Returns { get; private set; }

    /// <summary>Whether its output is wanted piece by piece.</summary>
    internal bool Streams { get; private set; }

    /// <summary>Reads it from a script.</summary>
    /// <exception cref="ShellHeaderException">It cannot be understood, or is missing.</exception>
    internal static ShellHeader Read(string script, string fileName)
    {
        var name = Path.GetFileNameWithoutExtension(fileName);
        var header = new ShellHeader(InvalidNameCharacter().Replace(name, "_"));
        var number = 0;
        foreach (var line in script.Split('\n'))
        {
            number++;
            if (number == 1 && line.StartsWith("#!", StringComparison.Ordinal))
            {
                continue;
            }

            if (!line.StartsWith('#'))
            {
                break;
            }

            header.Take(line[1..].Trim(), number);
        }

        return header._description.Count > 0
            ? header
            : throw new ShellHeaderException(1, "The script has no description. Begin it with a comment below the first line: what the tool does, then '# @param name {type} What it is.' for each argument.");
    }

    /// <summary>The tool, as the host's ToolDefinition.</summary>
    internal JsonObject ToDefinition(string entry)
    {
        var definition = new JsonObject
        {
            ["name"] = _name,
            ["description"] = string.Join('\n', _description).Trim(),
            ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = _properties.DeepClone(), ["required"] = _required.DeepClone(), ["additionalProperties"] = false },
            ["entry"] = entry,
            ["streams"] = Streams,
        };
        if (Returns is not null)
        {
            definition["outputSchema"] = Returns.DeepClone();
        }

        return definition;
    }

    private void Take(string line, int number)
    {
        if (!line.StartsWith('@'))
        {
            _description.Add(line);
            return;
        }

        var tag = line.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var rest = tag.Length > 1 ? tag[1] : "";
        switch (tag[0])
        {
            case "@name":
                _name = NameOf(rest, number);
                break;
            case "@param":
                TakeParameter(rest, number);
                break;
            case "@returns":
                TakeReturns(rest, number);
                break;
            case "@streams":
                Streams = true;
                break;
            default:
                throw new ShellHeaderException(number, $"'{tag[0]}' is not known. Use @name, @param, @returns or @streams.");
        }
    }

    private void TakeParameter(string text, int number)
    {
        var match = Parameter().Match(text);
        if (!match.Success)
        {
            throw new ShellHeaderException(number, $"'@param {text}' is not understood. Write '@param name {{type}} What it is.' or '@param [name=default] {{type}} What it is.'");
        }

        var name = match.Groups["name"].Value;
        if (_properties.ContainsKey(name))
        {
            throw new ShellHeaderException(number, $"There are two parameters '{name}'.");
        }

        var schema = SchemaOf(match.Groups["type"].Success ? match.Groups["type"].Value : "string", number);
        if (match.Groups["about"].Value is { Length: > 0 } about)
        {
            schema["description"] = about;
        }

        if (match.Groups["default"].Success)
        {
            schema["default"] = DefaultOf(match.Groups["default"].Value.Trim(), schema, number);
        }

        _properties[name] = schema;
        if (!match.Groups["optional"].Success)
        {
            _required.Add((JsonNode?)JsonValue.Create(name));
        }
    }

    /// <summary>MCP wants an object: what is none is text to the client.</summary>
    private void TakeReturns(string text, int number)
    {
        var match = ReturnType().Match(text);
        if (!match.Success)
        {
            throw new ShellHeaderException(number, $"'@returns {text}' is not understood. Write '@returns {{type}} What it is.'");
        }

        var schema = SchemaOf(match.Groups["type"].Value, number);
        if (IsText(schema))
        {
            return;
        }

        if (match.Groups["about"].Value is { Length: > 0 } about)
        {
            schema["description"] = about;
        }

        Returns = schema;
    }

    private static string NameOf(string text, int number) =>
        ToolName().IsMatch(text) ? text : throw new ShellHeaderException(number, $"'{text}' is no tool's name: 1 to 64 letters, digits, '_' and '-' are.");

    private static JsonObject SchemaOf(string type, int number)
    {
        type = type.Trim();
        if (type.StartsWith('{'))
        {
            return Parse(type, number) as JsonObject ?? throw new ShellHeaderException(number, $"'{type}' is no JSON schema.");
        }

        if (type.EndsWith("[]", StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "array", ["items"] = SchemaOf(type[..^2], number) };
        }

        if (type.Contains('|', StringComparison.Ordinal) || type.StartsWith('"'))
        {
            var values = type.Split('|', StringSplitOptions.TrimEntries).Select(value => Parse(value, number)).ToArray();
            return new JsonObject { ["enum"] = new JsonArray(values) };
        }

        return s_types.Contains(type, StringComparer.Ordinal)
            ? new JsonObject { ["type"] = type }
            : throw new ShellHeaderException(number, $"'{type}' is no type. Use {string.Join(", ", s_types)}, string[], \"a\"|\"b\" or a JSON schema.");
    }

    private static JsonNode? DefaultOf(string text, JsonObject schema, int number) =>
        (IsText(schema) || schema["type"] is null) && !text.StartsWith('"') ? JsonValue.Create(text) : Parse(text, number);

    /// <summary>A schema's type may also be a list of types, or no type at all.</summary>
    private static bool IsText(JsonObject schema) => schema["type"] is JsonValue type && type.TryGetValue<string>(out var name) && name == "string";

    private static JsonNode? Parse(string json, int number)
    {
        try
        {
            var parsed = JsonNode.Parse(json);

            // Members are looked at only now, and two of one name are an error.
            _ = (parsed as JsonObject)?.Count;
            return parsed;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new ShellHeaderException(number, $"'{json}' is no JSON.");
        }
    }

    [GeneratedRegex(@"^(?:(?<optional>\[)\s*)?(?<name>[A-Za-z_][A-Za-z0-9_]*)(?(optional)\s*(?:=(?<default>[^\]]*))?\])(?:\s+\{(?<type>.*)\})?(?:\s+(?:-\s+)?(?<about>[^{].*))?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\{(?<type>.*)\}(?:\s+(?:-\s+)?(?<about>[^{].*))?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ReturnType();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ToolName();

    [GeneratedRegex("[^A-Za-z0-9_-]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex InvalidNameCharacter();
}
