using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.OpenApi.Har;

/// <summary>What values seen so far have in common. Types and names only.</summary>
internal sealed class InferredSchema(string? type)
{
    private const int DeepestNesting = 24;
    private const int MostProperties = 200;
    private const int MostItems = 50;

    private readonly SortedSet<string> _types = type is null ? new(StringComparer.Ordinal) : new(StringComparer.Ordinal) { type };
    private readonly OrderedDictionary<string, InferredSchema> _properties = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);
    private InferredSchema? _items;
    private int _objects;

    /// <summary>One more value.</summary>
    public void Add(JsonElement value) => Add(value, 0);

    /// <summary>One more property of a form.</summary>
    public void AddProperty(string name, string kind)
    {
        _types.Add("object");
        _properties.TryAdd(name, new InferredSchema(kind));
    }

    public JsonObject ToJson()
    {
        if (_types.Contains("file"))
        {
            return new JsonObject { ["type"] = "string", ["format"] = "binary" };
        }

        var types = _types.Contains("number") ? _types.Where(t => t != "integer").ToList() : [.. _types];
        var schema = new JsonObject();
        if (types.Count > 0)
        {
            schema["type"] = types.Count == 1 ? types[0] : new JsonArray([.. types.Select(t => JsonValue.Create(t))]);
        }

        if (_properties.Count > 0)
        {
            schema["properties"] = new JsonObject([.. _properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value.ToJson()))]);
            var always = _objects > 1 ? _properties.Keys.Where(n => _seen.GetValueOrDefault(n) == _objects).ToList() : [];
            if (always.Count > 0)
            {
                schema["required"] = new JsonArray([.. always.Select(n => JsonValue.Create(n))]);
            }
        }

        if (_types.Contains("array"))
        {
            schema["items"] = _items?.ToJson() ?? [];
        }

        return schema;
    }

    private void Add(JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when depth < DeepestNesting:
                _types.Add("object");
                _objects++;
                foreach (var member in value.Members().Where(m => _properties.ContainsKey(m.Name) || _properties.Count < MostProperties))
                {
                    _properties.TryAdd(member.Name, new InferredSchema(null));
                    _properties[member.Name].Add(member.Value, depth + 1);
                    _seen[member.Name] = _seen.GetValueOrDefault(member.Name) + 1;
                }

                break;
            case JsonValueKind.Array when depth < DeepestNesting:
                _types.Add("array");
                _items ??= new InferredSchema(null);
                foreach (var item in value.EnumerateArray().Take(MostItems))
                {
                    _items.Add(item, depth + 1);
                }

                break;
            case JsonValueKind.String:
                _types.Add("string");
                break;
            case JsonValueKind.Number:
                _types.Add(value.TryGetInt64(out _) ? "integer" : "number");
                break;
            case JsonValueKind.True or JsonValueKind.False:
                _types.Add("boolean");
                break;
            case JsonValueKind.Null:
                _types.Add("null");
                break;
        }
    }
}
