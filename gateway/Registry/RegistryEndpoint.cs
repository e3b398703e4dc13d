using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Http;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Registry;

/// <summary>
/// <c>/v0.1/servers</c>: the catalog as an MCP registry, read-only. Each function and server of the caller's tenant is a server with one
/// remote, its own endpoint here; its present version is the only one told.
/// </summary>
public sealed class RegistryEndpoint(CallerReader callers, ToolCatalog catalog)
{
    private const string Schema = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";
    private const string Domain = "io.toolruntime";
    private const int DefaultLimit = 30;
    private const int MaximumLimit = 100;
    private const int MaximumDescription = 100;

    /// <summary>Serves <c>GET /v0.1/servers</c> with <c>cursor</c>, <c>limit</c>, <c>updated_since</c>, <c>search</c> and <c>version</c>.</summary>
    public Task ListAsync(HttpContext context) => GuardAsync(context, (caller, writer) =>
    {
        var query = context.Request.Query;
        var limit = Number(query["limit"], DefaultLimit);
        var since = Time(query["updated_since"]);
        var (cursor, search, number) = (query["cursor"].ToString(), query["search"].ToString(), query["version"].ToString());
        var found = catalog.Of(caller.Tenant).Functions.Values
            .Where(v => string.CompareOrdinal(v.Manifest.Name, cursor) > 0 && v.CreatedAt >= since && Name(v).Contains(search, StringComparison.OrdinalIgnoreCase) && (number is "" or "latest" || number == Number(v)))
            .Take(limit + 1)
            .ToList();
        writer.WriteStartObject();
        writer.WriteStartArray("servers"u8);
        foreach (var version in found.Take(limit))
        {
            Write(writer, context, version);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("metadata"u8);
        if (found.Count > limit)
        {
            writer.WriteString("nextCursor"u8, found[limit - 1].Manifest.Name);
        }

        writer.WriteNumber("count"u8, Math.Min(found.Count, limit));
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>Serves <c>GET /v0.1/servers/{name}/versions</c>.</summary>
    public Task VersionsAsync(HttpContext context, string name) => GuardAsync(context, (caller, writer) =>
    {
        var version = Find(caller, name);
        writer.WriteStartObject();
        writer.WriteStartArray("servers"u8);
        Write(writer, context, version);
        writer.WriteEndArray();
        writer.WriteStartObject("metadata"u8);
        writer.WriteNumber("count"u8, 1);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>Serves <c>GET /v0.1/servers/{name}/versions/{version}</c>; <c>latest</c> is the present one.</summary>
    public Task VersionAsync(HttpContext context, string name, string version) => GuardAsync(context, (caller, writer) =>
    {
        var found = Find(caller, name);
        if (version != "latest" && version != Number(found))
        {
            throw new FunctionFaultException(FaultCode.ToolNotFound, $"{name} has no version {version} here", $"the present one is {Number(found)}");
        }

        Write(writer, context, found);
    });

    private async Task GuardAsync(HttpContext context, Action<Caller, Utf8JsonWriter> write)
    {
        var who = callers.Read(context);
        if (who.Caller is not { } caller)
        {
            await ProblemReply.WriteAsync(context, who.Status, "Refused", who.Reason);
            return;
        }

        using var buffer = new ReplyBuffer();
        try
        {
            using var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions);
            write(caller, writer);
        }
        catch (FunctionFaultException fault)
        {
            await ProblemReply.WriteAsync(context, fault.Fault);
            return;
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    private FunctionVersion Find(Caller caller, string name)
    {
        // The name has a slash, which clients escape.
        var prefix = $"{Domain}.{caller.Tenant}/";
        var whole = Uri.UnescapeDataString(name);
        return whole.StartsWith(prefix, StringComparison.Ordinal) && catalog.Of(caller.Tenant).Functions.TryGetValue(whole[prefix.Length..], out var version)
            ? version
            : throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no server '{whole}'");
    }

    private static void Write(Utf8JsonWriter writer, HttpContext context, FunctionVersion version)
    {
        var name = version.Manifest.Name;
        var description = version.Tools.Count == 1 ? version.Tools[0].Description.Split('\n')[0] : $"{version.Tools.Count} tools: {string.Join(", ", version.Tools.Select(t => t.Name))}";
        writer.WriteStartObject();
        writer.WriteStartObject("server"u8);
        writer.WriteString("$schema"u8, Schema);
        writer.WriteString("name"u8, Name(version));
        writer.WriteString("description"u8, description.Length is 0 ? name : description.Length > MaximumDescription ? description[..MaximumDescription] : description);
        writer.WriteString("version"u8, Number(version));
        writer.WriteStartArray("remotes"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "streamable-http");
        writer.WriteString("url"u8, $"{context.Request.Scheme}://{context.Request.Host}/mcp/{name}");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("_meta"u8);
        writer.WriteStartObject("io.modelcontextprotocol.registry/official"u8);
        writer.WriteString("status"u8, "active");
        writer.WriteString("publishedAt"u8, version.CreatedAt);
        writer.WriteString("updatedAt"u8, version.CreatedAt);
        writer.WriteBoolean("isLatest"u8, true);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Name(FunctionVersion version) => $"{Domain}.{version.Tenant}/{version.Manifest.Name}";

    /// <summary>A version by its content: it sorts as no release, and is no range.</summary>
    private static string Number(FunctionVersion version) => $"0.0.0-{version.Digest[..Math.Min(12, version.Digest.Length)]}";

    private static int Number(string? text, int usual) =>
        string.IsNullOrEmpty(text) ? usual
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= MaximumLimit ? number
        : throw new FunctionFaultException(FaultCode.InvalidArguments, $"limit must be from 1 to {MaximumLimit}");

    private static DateTimeOffset Time(string? text) =>
        string.IsNullOrEmpty(text) ? DateTimeOffset.MinValue
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new FunctionFaultException(FaultCode.InvalidArguments, "updated_since must be an RFC 3339 time");
}
