using System.Text.Json;

namespace ToolRuntime.Cli.Stdio;

/// <summary>What the bridge must know of a message to address it.</summary>
/// <param name="Method">The JSON-RPC method, or null for a response.</param>
/// <param name="RawId">The id as JSON, or null for a notification.</param>
/// <param name="Name">The tool, prompt or resource that a modern request names in <c>Mcp-Name</c>.</param>
/// <param name="ModernVersion">The protocol version in <c>_meta</c>, where the request is of the stateless era.</param>
internal sealed record Envelope(string? Method, string? RawId, string? Name, string? ModernVersion)
{
    private const string VersionKey = "io.modelcontextprotocol/protocolVersion";

    public static Envelope Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var parameters = Member(root, "params");
            var method = Member(root, "method") is { ValueKind: JsonValueKind.String } m ? m.GetString() : null;
            return new Envelope(
                method,
                Member(root, "id") is { ValueKind: not JsonValueKind.Undefined } id ? id.GetRawText() : null,
                Text(parameters, method == "resources/read" ? "uri" : "name"),
                Text(Member(parameters, "_meta"), VersionKey));
        }
        catch (JsonException)
        {
            return new Envelope(null, null, null, null);
        }
    }

    public static string? NegotiatedVersion(string response)
    {
        using var document = JsonDocument.Parse(response);
        return Text(Member(document.RootElement, "result"), "protocolVersion");
    }

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement value, string name) => Member(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
