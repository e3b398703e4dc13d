using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Har;

/// <summary>What of a recording is a credential: its place is kept, its value never.</summary>
internal sealed class HarSecurity
{
    private static readonly string[] s_words = ["key", "token", "secret", "password", "passwd", "sig", "signature", "auth", "session", "credential", "jwt", "csrf", "xsrf"];
    private readonly SortedDictionary<string, JsonObject> _schemes = new(StringComparer.Ordinal);

    /// <summary>Whether a name is one of a credential.</summary>
    public static bool IsSecret(string name)
    {
        var lower = name.ToLowerInvariant();
        return Array.Exists(s_words, w => lower == w || lower.EndsWith(w, StringComparison.Ordinal) || lower.StartsWith(w + "_", StringComparison.Ordinal) || lower.StartsWith(w + "-", StringComparison.Ordinal));
    }

    /// <summary>Notes a header; true where it is a credential.</summary>
    public bool Header(string name, string value)
    {
        if (string.Equals(name, "Authorization", StringComparison.OrdinalIgnoreCase))
        {
            var scheme = value.Split(' ')[0].ToLowerInvariant() is "basic" ? "basic" : "bearer";
            _schemes[scheme] = new JsonObject { ["type"] = "http", ["scheme"] = scheme };
            return true;
        }

        return IsSecret(name) && Key("header", name);
    }

    /// <summary>Notes a query parameter; true where it is a credential.</summary>
    public bool Query(string name) => IsSecret(name) && Key("query", name);

    public void AddTo(JsonObject document)
    {
        if (_schemes.Count > 0)
        {
            document["components"] = new JsonObject { ["securitySchemes"] = new JsonObject([.. _schemes.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))]) };
            document["security"] = new JsonArray(new JsonObject([.. _schemes.Keys.Select(k => KeyValuePair.Create(k, (JsonNode?)new JsonArray()))]));
        }
    }

    private bool Key(string place, string name)
    {
        _schemes[$"{place}_{new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')])}"] = new JsonObject { ["type"] = "apiKey", ["in"] = place, ["name"] = name };
        return true;
    }
}
