using System.Text.Json;

namespace ToolRuntime.OpenApi.Pagination;

/// <summary>How to get the next page.</summary>
/// <param name="Changes">The arguments that change, by name, as JSON.</param>
public sealed record NextPage(IReadOnlyList<KeyValuePair<string, JsonElement>> Changes)
{
    /// <summary>The changed arguments, as one JSON object.</summary>
    public string ChangesText()
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            Write(writer, default);
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>All arguments of the next call: those of this one with the changes in them.</summary>
    public void Write(Utf8JsonWriter writer, JsonElement present)
    {
        writer.WriteStartObject();
        if (present.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in present.EnumerateObject().Where(m => Changes.All(c => c.Key != m.Name)))
            {
                member.WriteTo(writer);
            }
        }

        foreach (var (name, value) in Changes)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
