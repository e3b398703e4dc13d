using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Sdk.Worker;

/// <summary>Other tools, by way of the host.</summary>
internal sealed class HostTools(CallContext context) : Tools
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<JsonElement>> ListAsync()
    {
        var reply = await context.AskAsync("tools.list", []);
        return reply.TryGetProperty("tools"u8, out var tools) ? [.. tools.EnumerateArray()] : [];
    }

    /// <inheritdoc/>
    public override async Task<JsonElement> CallAsync(string name, object? arguments = null)
    {
        var given = arguments is null ? new JsonObject() : JsonSerializer.SerializeToNode(arguments, arguments.GetType(), JsonContract.Options);
        if (given is not JsonObject named)
        {
            throw new ArgumentException("the arguments of a tool are an object, such as new { a = 1 }", nameof(arguments));
        }

        var reply = await context.AskAsync("tools.call", new JsonObject { ["name"] = name, ["arguments"] = named });
        return reply.TryGetProperty("value"u8, out var value) ? value
            : reply.TryGetProperty("content"u8, out var content) ? content
            : reply;
    }

    /// <inheritdoc/>
    public override async Task<T> CallAsync<T>(string name, object? arguments = null) =>
        (await CallAsync(name, arguments)).Deserialize<T>(JsonContract.Options)!;
}
