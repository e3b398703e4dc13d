using System.Text;
using System.Text.Json;

using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Messages to an MCP server: in the revision of 2025-11-25, which nearly all know, or of 2026-07-28 where a server knows no other.</summary>
internal static class ServerMessages
{
    private static readonly byte[] s_modernMeta = Encoding.UTF8.GetBytes(
        """
        ,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}},"io.modelcontextprotocol/clientInfo":{"name":"toolruntime","version":"1"},"io.modelcontextprotocol/logLevel":"debug"
        """.Trim());

    /// <summary>All that a server logs: each client's own level decides what it gets.</summary>
    public static byte[] EveryLevel { get; } = "{\"level\":\"debug\"}"u8.ToArray();

    /// <summary>What is said in the handshake.</summary>
    public static byte[] Initialize(string revision) => Encoding.UTF8.GetBytes(
        $$$"""{"protocolVersion":"{{{revision}}}","capabilities":{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}},"clientInfo":{"name":"toolruntime","version":"1"}}""");

    /// <summary>A subscription to a server's lists.</summary>
    public static byte[] ListenToLists { get; } = "{\"notifications\":{\"toolsListChanged\":true,\"promptsListChanged\":true,\"resourcesListChanged\":true}}"u8.ToArray();

    /// <summary>A subscription to one resource.</summary>
    public static byte[] ListenToResource(string uri)
    {
        using var buffer = new ReplyBuffer();
        return buffer.Raw("{\"notifications\":{\"resourceSubscriptions\":["u8).Text(uri).Raw("]}}"u8).Written.ToArray();
    }

    /// <summary><c>{"uri": …}</c>.</summary>
    public static byte[] Uri(string uri)
    {
        using var buffer = new ReplyBuffer();
        return buffer.Raw("{\"uri\":"u8).Text(uri).Raw("}"u8).Written.ToArray();
    }

    /// <summary>A note's parameters for clients: <c>_meta</c> names a subscription of the gateway's own.</summary>
    public static ReadOnlyMemory<byte> WithoutMeta(ReadOnlyMemory<byte> parameters)
    {
        if (RawJson.Member(parameters, "_meta"u8).IsEmpty)
        {
            return parameters;
        }

        using var buffer = new ReplyBuffer();
        buffer.Raw("{"u8);
        foreach (var (name, value) in RawJson.Members(parameters).Where(m => m.Key != "_meta"))
        {
            buffer.Raw(buffer.Length == 1 ? ""u8 : ","u8).Text(name).Raw(":"u8).Raw(value.Span);
        }

        return buffer.Raw("}"u8).Written.ToArray();
    }

    public static byte[] Request(long id, string method, ReadOnlyMemory<byte> parameters)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Number(id).Raw(",\"method\":"u8).Text(method).Raw(",\"params\":"u8);
        return buffer.Raw(parameters.IsEmpty ? "{}"u8 : parameters.Span).Raw("}"u8).Written.ToArray();
    }

    public static byte[] Response(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> result)
    {
        // An answer of the form {"error": …} is a client's refusal.
        var error = RawJson.Member(result, "error"u8);
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Raw(id.Span);
        buffer.Raw(error.IsEmpty ? ",\"result\":"u8 : ",\"error\":"u8).Raw(error.IsEmpty ? result.Span : error.Span);
        return buffer.Raw("}"u8).Written.ToArray();
    }

    /// <summary>
    /// A client's request for the server, its parameters as they came but for <c>_meta</c>: that is the gateway's own, with the request's id
    /// as progress token, and in the modern era what every request must say. Answers to a server's questions are those that the gateway put
    /// there.
    /// </summary>
    public static byte[] Write(long id, ServerRequest request, bool isModern)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Number(id).Raw(",\"method\":"u8).Text(request.Method).Raw(",\"params\":{\"_meta\":{\"progressToken\":"u8).Number(id);
        buffer.Raw(isModern ? s_modernMeta : default);
        foreach (var (name, value) in RawJson.Members(RawJson.Member(request.Parameters, "_meta"u8)))
        {
            if (name != "progressToken" && !name.StartsWith("io.modelcontextprotocol/", StringComparison.Ordinal) && !name.StartsWith("toolruntime/", StringComparison.Ordinal))
            {
                buffer.Raw(","u8).Text(name).Raw(":"u8).Raw(value.Span);
            }
        }

        buffer.Raw("}"u8);
        WriteMembers(buffer, request, isModern);
        return buffer.Raw("}}"u8).Written.ToArray();
    }

    /// <summary>Parameters of a request of the gateway's own in the modern era.</summary>
    public static byte[] Modern(ReadOnlyMemory<byte> parameters)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"_meta\":{"u8).Raw(s_modernMeta.AsSpan(1)).Raw("}"u8);
        WriteMembers(buffer, new ServerRequest("", parameters), isModern: true);
        return buffer.Raw("}"u8).Written.ToArray();
    }

    private static void WriteMembers(ReplyBuffer buffer, ServerRequest request, bool isModern)
    {
        var json = request.Parameters;
        var reader = new Utf8JsonReader(json.Span, RawJson.ReaderOptions);
        if (json.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isLeft = reader.ValueTextEquals("_meta"u8) || (!isModern && (reader.ValueTextEquals("inputResponses"u8) || reader.ValueTextEquals("requestState"u8)));
            var isRenamed = request.Renames && reader.ValueTextEquals("name"u8);
            RawJson.Value(ref reader, json);
            if (isRenamed)
            {
                buffer.Raw(",\"name\":"u8).Text(request.Name!);
            }
            else if (!isLeft)
            {
                buffer.Raw(","u8).Raw(json.Span[start..(int)reader.BytesConsumed]);
            }
        }
    }
}
