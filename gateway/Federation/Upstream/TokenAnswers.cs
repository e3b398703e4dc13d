using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Answers of authorization servers, bounded; what is no JSON is nothing.</summary>
internal static class TokenAnswers
{
    private const int MaximumBody = 256 * 1024;

    /// <summary>Sends a request and reads what is answered.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpMessageInvoker client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await client.SendAsync(request, cancellationToken);
        var body = await UpstreamBody.ReadAsync(response.Content, MaximumBody, cancellationToken);
        try
        {
            return (response.StatusCode, JsonElement.Parse(Encoding.UTF8.GetString(body)));
        }
        catch (JsonException)
        {
            return (response.StatusCode, default);
        }
    }

    /// <summary>A member's text, or null.</summary>
    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A member's texts, or null where it is no array.</summary>
    public static IReadOnlyList<string>? Texts(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!)]
            : null;

    /// <summary>That no token can be got, and why.</summary>
    public static FunctionFaultException Failure(UpstreamTarget target, string what) =>
        new(FaultCode.UpstreamFailed, $"no token for the MCP server '{target.Name}': {what}", "see its authorization: client id, secret, scope, token URL");
}
