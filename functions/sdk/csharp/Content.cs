using System.Text.Json.Nodes;

namespace ToolRuntime.Sdk;

/// <summary>One MCP content block, which a method may return instead of a value, alone or in a list.</summary>
/// <param name="Block">The block as it goes to the client, <c>{"type": ...}</c>.</param>
public sealed record Content(JsonObject Block)
{
    /// <summary>Text.</summary>
    public static Content Text(string text) => new(new JsonObject { ["type"] = "text", ["text"] = text });

    /// <summary>An image, by default a PNG.</summary>
    public static Content Image(ReadOnlySpan<byte> data, string mimeType = "image/png") => Media("image", data, mimeType);

    /// <summary>Sound, by default a WAV.</summary>
    public static Content Audio(ReadOnlySpan<byte> data, string mimeType = "audio/wav") => Media("audio", data, mimeType);

    /// <summary>An embedded text resource.</summary>
    public static Content Resource(string uri, string text, string mimeType = "text/plain") => new(new JsonObject
    {
        ["type"] = "resource",
        ["resource"] = new JsonObject { ["uri"] = uri, ["mimeType"] = mimeType, ["text"] = text },
    });

    /// <summary>A link to a resource.</summary>
    public static Content Link(string uri, string name, string? description = null)
    {
        var block = new JsonObject { ["type"] = "resource_link", ["uri"] = uri, ["name"] = name };
        if (description is not null)
        {
            block["description"] = description;
        }

        return new Content(block);
    }

    private static Content Media(string type, ReadOnlySpan<byte> data, string mimeType) =>
        new(new JsonObject { ["type"] = type, ["data"] = Convert.ToBase64String(data), ["mimeType"] = mimeType });
}
