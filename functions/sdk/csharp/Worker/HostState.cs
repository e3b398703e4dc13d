using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Sdk.Worker;

/// <summary>The memory of a session or tenant, by way of the host.</summary>
internal sealed class HostState(CallContext context, string scope) : State
{
    /// <inheritdoc/>
    public override State Tenant => scope == "tenant" ? this : new HostState(context, "tenant");

    /// <inheritdoc/>
    public override async Task<T?> GetAsync<T>(string key)
        where T : default => (await EntryAsync(key)).Value is { } value ? value.Deserialize<T>(JsonContract.Options) : default;

    /// <inheritdoc/>
    public override async Task<StateEntry> EntryAsync(string key) => Read(await AskAsync("get", new JsonObject { ["key"] = key }), key);

    /// <inheritdoc/>
    public override async Task<long> PutAsync(string key, object? value, TimeSpan? ttl = null, long? ifRevision = null)
    {
        var parameters = new JsonObject { ["key"] = key, ["value"] = JsonSerializer.SerializeToNode(value, JsonContract.Options), ["ttl"] = ttl?.TotalSeconds, ["ifRevision"] = ifRevision };
        return RevisionOf(key, await AskAsync("put", parameters));
    }

    /// <inheritdoc/>
    public override async Task<bool> DeleteAsync(string key, long? ifRevision = null)
    {
        var done = await AskAsync("delete", new JsonObject { ["key"] = key, ["ifRevision"] = ifRevision });
        return done.TryGetProperty("deleted"u8, out var deleted) ? deleted.GetBoolean() : RevisionOf(key, done) > 0;
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<StateEntry>> ListAsync(string prefix = "") =>
        [.. (await AskAsync("list", new JsonObject { ["prefix"] = prefix })).GetProperty("keys"u8).EnumerateArray().Select(e => Read(e, e.GetProperty("key"u8).GetString()!))];

    private static StateEntry Read(JsonElement found, string key) => new(
        key,
        found.TryGetProperty("value"u8, out var value) ? value : null,
        found.GetProperty("revision"u8).GetInt64(),
        found.TryGetProperty("expires"u8, out var expires) ? expires.GetDateTimeOffset() : null);

    private static long RevisionOf(string key, JsonElement written)
    {
        var revision = written.GetProperty("revision"u8).GetInt64();
        return written.TryGetProperty("conflict"u8, out _) ? throw new StateConflictException(key, revision) : revision;
    }

    private Task<JsonElement> AskAsync(string word, JsonObject parameters)
    {
        parameters["scope"] = scope;
        return context.AskAsync($"state.{word}", parameters);
    }
}
