using System.Globalization;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>The headers of 2026-07-28, which repeat what the body says: proxies route by them, so they must not lie.</summary>
public static class ModernHeaders
{
    private const string SentinelStart = "=?base64?";
    private const string SentinelEnd = "?=";

    /// <summary>Checks version, method and name.</summary>
    /// <exception cref="JsonRpcException">A required member is missing, or header and body disagree.</exception>
    public static void Check(IHeaderDictionary headers, JsonRpcMessage message, RequestMeta meta)
    {
        var version = meta.ProtocolVersion
            ?? throw new JsonRpcException(JsonRpcCodes.InvalidParams, $"params._meta needs \"{RequestMeta.Prefix}protocolVersion\"", message.Id);
        if (!RawJson.IsObject(meta.ClientCapabilities))
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidParams, $"params._meta needs the object \"{RequestMeta.Prefix}clientCapabilities\"", message.Id);
        }

        Match(headers, "MCP-Protocol-Version", version, message);
        if (version != ProtocolRevision.Modern.Name)
        {
            var requested = JsonEncodedText.Encode(version);
            throw new JsonRpcException(
                JsonRpcCodes.UnsupportedVersion,
                $"revision {version} is not served here",
                message.Id,
                $$"""{"supported":["{{ProtocolRevision.Modern.Name}}"],"requested":"{{requested}}"}""");
        }

        Match(headers, "Mcp-Method", message.Method!, message);
        var name = message.Method switch
        {
            "tools/call" or "prompts/get" => message.Name,
            "resources/read" => message.Uri,
            "tasks/get" or "tasks/update" or "tasks/cancel" => message.TaskId,
            _ => null,
        };
        if (name is not null)
        {
            Match(headers, "Mcp-Name", name, message);
        }
    }

    /// <summary>Checks the headers that mirror arguments.</summary>
    /// <exception cref="JsonRpcException">Header and argument disagree.</exception>
    public static void CheckParameters(IHeaderDictionary headers, JsonRpcMessage message, ToolRoute route)
    {
        foreach (var parameter in route.HeaderParameters)
        {
            var value = parameter.ValueIn(message.Arguments);
            var header = headers[parameter.Header];
            if (value is null && header.Count > 0)
            {
                throw Mismatch(parameter.Header, "is there, and the argument is not", message);
            }

            if (value is not null)
            {
                Match(headers, parameter.Header, value, message);
            }
        }
    }

    private static void Match(IHeaderDictionary headers, string header, string expected, JsonRpcMessage message)
    {
        var values = headers[header];
        if (values.Count != 1)
        {
            throw Mismatch(header, values.Count == 0 ? "is missing" : "stands more than once", message);
        }

        var value = Decode(values[0]!.AsSpan().Trim()) ?? throw Mismatch(header, "is not valid base64", message);
        if (value != expected && !(double.TryParse(expected, CultureInfo.InvariantCulture, out var a) && double.TryParse(value, CultureInfo.InvariantCulture, out var b) && a.Equals(b)))
        {
            throw Mismatch(header, "does not say what the body says", message);
        }
    }

    private static string? Decode(ReadOnlySpan<char> value)
    {
        if (!value.StartsWith(SentinelStart) || !value.EndsWith(SentinelEnd) || value.Length < SentinelStart.Length + SentinelEnd.Length)
        {
            return value.ToString();
        }

        var encoded = value[SentinelStart.Length..^SentinelEnd.Length];
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64Chars(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static JsonRpcException Mismatch(string header, string what, JsonRpcMessage message) =>
        new(JsonRpcCodes.HeaderMismatch, $"header {header} {what}", message.Id);
}
