using System.Text;
using System.Text.Json;

using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>An argument that clients mirror in an HTTP header, so that what stands before a server can route without reading bodies.</summary>
/// <param name="Path">Property names from the arguments' root to the value.</param>
/// <param name="Header">Header name, <c>Mcp-Param-…</c>.</param>
public sealed record HeaderParameter(IReadOnlyList<string> Path, string Header)
{
    private const int MaximumDepth = 8;

    /// <summary>All parameters with <c>x-mcp-header</c> that <c>properties</c> reach from the root.</summary>
    public static IReadOnlyList<HeaderParameter> Find(JsonElement schema)
    {
        var found = new List<HeaderParameter>();
        Find(schema, [], found);
        return found;
    }

    /// <summary>What the header says of <paramref name="arguments"/>, or null where they have no such value.</summary>
    public string? ValueIn(ReadOnlyMemory<byte> arguments)
    {
        var value = arguments;
        foreach (var name in Path)
        {
            value = RawJson.Member(value, Encoding.UTF8.GetBytes(name));
        }

        return value.IsEmpty || value.Span.SequenceEqual("null"u8) ? null : RawJson.Text(value) ?? Encoding.UTF8.GetString(value.Span);
    }

    private static void Find(JsonElement schema, List<string> path, List<HeaderParameter> found)
    {
        if (path.Count >= MaximumDepth || schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in properties.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            path.Add(property.Name);
            if (property.Value.TryGetProperty("x-mcp-header", out var header) && header.ValueKind == JsonValueKind.String)
            {
                found.Add(new HeaderParameter([.. path], "Mcp-Param-" + header.GetString()));
            }

            Find(property.Value, path, found);
            path.RemoveAt(path.Count - 1);
        }
    }
}
