
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>Step 9 of the way of a call: the last event becomes an MCP <c>CallToolResult</c>.</summary>
public static class CallResult
{
    private static readonly byte[] s_cacheHints = ",\"ttlMs\":0,\"cacheScope\":\"private\""u8.ToArray();

    /// <summary>Writes the whole response to a completed call: the function's result, or what an MCP server answered, its errors included.</summary>
    public static void WriteResponse(ReplyBuffer buffer, ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> data, ToolRoute route, ProtocolRevision revision)
    {
        var error = RawJson.Member(data, "mcpError"u8);
        if (error.IsEmpty)
        {
            buffer.Result(id);
            WriteCompleted(buffer, data, route, revision);
            buffer.End();
            return;
        }

        // Before 2026-07-28 a resource that is not there had a code of its own.
        var code = RawJson.Member(error, "code"u8);
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Raw(id.Span).Raw(",\"error\":{\"code\":"u8);
        buffer.Raw(revision == ProtocolRevision.Modern && code.Span.SequenceEqual("-32002"u8) ? "-32602"u8 : code.Span);
        foreach (var (name, value) in RawJson.Members(error))
        {
            if (name != "code")
            {
                buffer.Raw(","u8).Text(name).Raw(":"u8).Raw(value.Span);
            }
        }

        buffer.Raw("}}"u8);
    }

    /// <summary>Writes the result of a completed call.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="data">The event's data: <c>{"value"}</c> and/or <c>{"content"}</c>, with <c>"isError":true</c> where what was called says that it failed, and <c>"meta"</c> where there is more to say; or <c>{"mcp": raw result}</c> of an MCP server.</param>
    /// <param name="route">The tool.</param>
    /// <param name="revision">What the client speaks.</param>
    public static void WriteCompleted(ReplyBuffer buffer, ReadOnlyMemory<byte> data, ToolRoute route, ProtocolRevision revision)
    {
        var (raw, value, content, meta, isError) = CompletedData.Read(data);
        if (!raw.IsEmpty)
        {
            WriteRaw(buffer, raw, revision, isCacheable: route.Tool.Name == "resources/read");
            return;
        }

        Begin(buffer, revision, meta);
        buffer.Raw("\"content\":"u8);
        if (content.IsEmpty)
        {
            WriteText(buffer, value);
        }
        else
        {
            buffer.Raw(content.Span);
        }

        if (!isError && route.Tool.OutputSchema is not null && revision.Shape != ToolShape.NoOutput)
        {
            WriteStructured(buffer, value.Span, route, revision);
        }

        buffer.Raw(isError ? ",\"isError\":true}"u8 : "}"u8);
    }

    /// <summary>Writes a failure that the model is to see.</summary>
    public static void WriteFailed(ReplyBuffer buffer, FunctionFault fault, ProtocolRevision revision)
    {
        Begin(buffer, revision, default);
        buffer.Raw("\"content\":[{\"type\":\"text\",\"text\":"u8).Text(FaultMapping.Describe(fault)).Raw("}],\"isError\":true}"u8);
    }

    /// <summary>Writes the raw result of an MCP server: only what the client's revision must find is put before it.</summary>
    public static void WriteRaw(ReplyBuffer buffer, ReadOnlyMemory<byte> result, ProtocolRevision revision, bool isCacheable)
    {
        if (revision != ProtocolRevision.Modern || !RawJson.Member(result, "resultType"u8).IsEmpty || !RawJson.IsObject(result))
        {
            WriteForEra(buffer, result, revision);
            return;
        }

        buffer.Raw("{\"resultType\":\"complete\""u8);
        if (isCacheable && RawJson.Member(result, "ttlMs"u8).IsEmpty)
        {
            buffer.Raw(s_cacheHints);
        }

        var rest = result.Span[1..].TrimStart(" \t\r\n"u8);
        buffer.Raw(rest[0] == (byte)'}' ? ""u8 : ","u8).Raw(rest);
    }

    private static void Begin(ReplyBuffer buffer, ProtocolRevision revision, ReadOnlyMemory<byte> meta)
    {
        buffer.Raw("{"u8);
        var more = meta.Length > 2 ? meta.Span[1..^1] : default;
        if (revision == ProtocolRevision.Modern)
        {
            buffer.Raw("\"resultType\":\"complete\",\"_meta\":"u8);
            buffer.Raw(ServerIdentity.ResultMeta.AsSpan(..^1)).Raw(more.IsEmpty ? ""u8 : ","u8).Raw(more).Raw("},"u8);
        }
        else if (!more.IsEmpty)
        {
            buffer.Raw("\"_meta\":{"u8).Raw(more).Raw("},"u8);
        }
    }

    /// <summary>As it is, but that structured content which is no object is wrapped for clients that can take nothing else.</summary>
    private static void WriteForEra(ReplyBuffer buffer, ReadOnlyMemory<byte> result, ProtocolRevision revision)
    {
        var structured = RawJson.Member(result, "structuredContent"u8);
        if (revision.Shape != ToolShape.ObjectOutput || structured.IsEmpty || RawJson.IsObject(structured))
        {
            buffer.Raw(result.Span);
            return;
        }

        buffer.Raw("{\"structuredContent\":{\"result\":"u8).Raw(structured.Span).Raw("}"u8);
        foreach (var (name, value) in RawJson.Members(result).Where(m => m.Key != "structuredContent"))
        {
            buffer.Raw(","u8).Text(name).Raw(":"u8).Raw(value.Span);
        }

        buffer.Raw("}"u8);
    }

    private static void WriteText(ReplyBuffer buffer, ReadOnlyMemory<byte> value)
    {
        if (value.IsEmpty || value.Span.SequenceEqual("null"u8))
        {
            buffer.Raw("[]"u8);
            return;
        }

        buffer.Raw("[{\"type\":\"text\",\"text\":"u8);
        if (value.Span[0] == (byte)'"')
        {
            buffer.Raw(value.Span);
        }
        else
        {
            buffer.Text(value.Span);
        }

        buffer.Raw("}]"u8);
    }

    /// <summary>
    /// The value as the listed schema has it. A tool with an output schema always has structured content, without a value too: clients refuse a
    /// result without it. What is listed as an object and is none is wrapped.
    /// </summary>
    private static void WriteStructured(ReplyBuffer buffer, ReadOnlySpan<byte> value, ToolRoute route, ProtocolRevision revision)
    {
        var isListedAsObject = !route.Listing.WrapsOutput;
        var wraps = revision.Shape == ToolShape.ObjectOutput && !isListedAsObject;
        buffer.Raw(",\"structuredContent\":"u8);
        if (value.IsEmpty)
        {
            buffer.Raw(wraps ? "{\"result\":null}"u8 : isListedAsObject ? "{}"u8 : "null"u8);
        }
        else if (wraps || (isListedAsObject && value[0] != (byte)'{'))
        {
            buffer.Raw("{\"result\":"u8).Raw(value).Raw("}"u8);
        }
        else
        {
            buffer.Raw(value);
        }
    }
}
