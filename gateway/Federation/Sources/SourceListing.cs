using System.Collections.Immutable;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Sources;

/// <summary>What a server lists now, and the version that comes of it.</summary>
internal static class SourceListing
{
    /// <summary>Most bytes of a version: what one message of the bus can hold.</summary>
    private const int MaximumBytes = 900 * 1024;

    /// <summary>Asks for every list and makes the version.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="before">Manifest, tenant and layers; what it says of tools is passed over.</param>
    /// <param name="transport">How a remote server is reached.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="FunctionFaultException">The server does not list, or lists more than can be kept.</exception>
    public static async Task<FunctionVersion> ReadAsync(ServerConnection connection, FunctionVersion before, RemoteTransport transport, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var tools = connection.Has("tools"u8) ? await ServerLists.PagesAsync(connection, ServerListKind.Tools, cancellationToken) : [];
        var version = VersionDigest.Name(before with
        {
            Tools = ServerTools.Read(before.Manifest.Prefix ?? "", tools),
            Server = new ServerSnapshot
            {
                Revision = connection.Revision,
                Transport = transport,
                Capabilities = connection.Capabilities.IsEmpty ? JsonElement.Parse("{}"u8) : JsonElement.Parse(connection.Capabilities.Span),
                Prompts = await TryAsync(connection, "prompts"u8.ToArray(), ServerListKind.Prompts, cancellationToken),
                Resources = await TryAsync(connection, "resources"u8.ToArray(), ServerListKind.Resources, cancellationToken),
                Templates = await TryAsync(connection, "resources"u8.ToArray(), ServerListKind.Templates, cancellationToken),
            },
            CreatedAt = now,
        });
        var size = JsonSerializer.SerializeToUtf8Bytes(version, FunctionsJson.Default.FunctionVersion).Length;
        return size <= MaximumBytes ? version : throw new FunctionFaultException(
            FaultCode.UpstreamFailed,
            $"the MCP server '{before.Manifest.Name}' lists {version.Tools.Count} tools of {size >> 10} KiB together, at most {MaximumBytes >> 10} KiB are kept");
    }

    /// <summary>What is another than before, in words for the log; empty when nothing is.</summary>
    public static IReadOnlyList<string> Differences(FunctionVersion before, FunctionVersion after)
    {
        var (old, present) = (before.Tools.ToImmutableDictionary(t => t.Name, StringComparer.Ordinal), after.Tools.ToImmutableDictionary(t => t.Name, StringComparer.Ordinal));
        List<string> found = [.. present.Keys.Except(old.Keys).Order(StringComparer.Ordinal).Select(n => $"tool {n} came")];
        found.AddRange(old.Keys.Except(present.Keys).Order(StringComparer.Ordinal).Select(n => $"tool {n} went"));
        found.AddRange(present.Values.Where(t => old.TryGetValue(t.Name, out var o) && !Same(o, t)).Select(t => $"tool {t.Name} changed").Order(StringComparer.Ordinal));
        found.AddRange(Count("prompts", before.Server?.Prompts, after.Server?.Prompts));
        found.AddRange(Count("resources", before.Server?.Resources, after.Server?.Resources));
        found.AddRange(Count("resource templates", before.Server?.Templates, after.Server?.Templates));
        if (before.Server?.Revision != after.Server?.Revision)
        {
            found.Add($"it speaks {after.Server?.Revision} instead of {before.Server?.Revision}");
        }

        return found.Count == 0 && before.Digest != after.Digest ? ["what it says of itself changed"] : found;
    }

    private static bool Same(ToolDefinition one, ToolDefinition other) => Json(one).AsSpan().SequenceEqual(Json(other));

    private static byte[] Json(ToolDefinition tool) => JsonSerializer.SerializeToUtf8Bytes(tool, FunctionsJson.Default.ToolDefinition);

    private static IEnumerable<string> Count(string what, IReadOnlyList<JsonElement>? before, IReadOnlyList<JsonElement>? after)
    {
        var same = before?.Count == after?.Count && (before is null || before.Zip(after!).All(p => p.First.GetRawText() == p.Second.GetRawText()));
        return same ? [] : [$"{after?.Count ?? 0} {what} instead of {before?.Count ?? 0}"];
    }

    private static async Task<IReadOnlyList<JsonElement>?> TryAsync(ServerConnection connection, byte[] capability, ServerListKind kind, CancellationToken cancellationToken)
    {
        if (!connection.Has(capability))
        {
            return [];
        }

        try
        {
            var items = await ServerLists.PagesAsync(connection, kind, cancellationToken);
            return items.Sum(i => i.Length) <= ServerSnapshot.MaximumListBytes ? [.. items.Select(i => JsonElement.Parse(i.Span))] : null;
        }
        catch (FunctionFaultException refused) when (refused.Fault.Code == FaultCode.UpstreamFailed)
        {
            // Servers say that they have resources, and then know no templates.
            return [];
        }
    }
}
