using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Overlays;

/// <summary>A value that a JSONPath found, and where it stands: a null is no node, so that its place is what can be changed.</summary>
/// <param name="Value">The value.</param>
/// <param name="Parent">The object or array that it stands in, or null for the root.</param>
/// <param name="Name">Its name in an object, or null.</param>
/// <param name="Index">Its index in an array.</param>
internal readonly record struct PathMatch(JsonNode? Value, JsonNode? Parent, string? Name, int Index)
{
    /// <summary>Puts another value in its place; the root stays.</summary>
    public void Replace(JsonNode? value)
    {
        if (Parent is JsonObject map)
        {
            map[Name!] = value;
        }
        else if (Parent is JsonArray list)
        {
            list[Index] = value;
        }
    }

    /// <summary>The values directly in it.</summary>
    public IEnumerable<PathMatch> Children()
    {
        if (Value is JsonObject map)
        {
            foreach (var (name, child) in map.ToList())
            {
                yield return new PathMatch(child, map, name, 0);
            }
        }
        else if (Value is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                yield return new PathMatch(list[i], list, null, i);
            }
        }
    }
}
