using System.Text.Json;

using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>What <c>params._meta</c> says of a request.</summary>
public sealed class RequestMeta
{
    /// <summary>Key prefix of the protocol itself.</summary>
    public const string Prefix = "io.modelcontextprotocol/";

    /// <summary>Key of ours: the session that the call belongs to, an id of ours.</summary>
    public const string SessionKey = "toolruntime/session";

    /// <summary>Key of ours: an idempotency key of the call.</summary>
    public const string IdempotencyMember = "toolruntime/idempotencyKey";

    /// <summary>An empty one.</summary>
    public static RequestMeta None { get; } = new();

    /// <summary>The revision that the client speaks, or null.</summary>
    public string? ProtocolVersion { get; private set; }

    /// <summary>Raw capabilities of the client; empty when not said.</summary>
    public ReadOnlyMemory<byte> ClientCapabilities { get; private set; }

    /// <summary>Raw progress token; empty when no progress is wanted.</summary>
    public ReadOnlyMemory<byte> ProgressToken { get; private set; }

    /// <summary>Least severe log level that is wanted, or null.</summary>
    public string? LogLevel { get; private set; }

    /// <summary>The session that the caller names, or null.</summary>
    public string? Session { get; private set; }

    /// <summary>A second call with the same key joins the first; null for none.</summary>
    public string? IdempotencyKey { get; private set; }

    /// <summary>W3C <c>traceparent</c>, or null.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>W3C <c>tracestate</c>, or null.</summary>
    public string? TraceState { get; private set; }

    /// <summary>Whether the client declared the capability <paramref name="name"/>.</summary>
    public bool ClientHas(ReadOnlySpan<byte> name) => RawJson.IsObject(RawJson.Member(ClientCapabilities, name));

    /// <summary>Reads raw <c>_meta</c>.</summary>
    public static RequestMeta Read(ReadOnlyMemory<byte> json)
    {
        if (!RawJson.IsObject(json))
        {
            return None;
        }

        var meta = new RequestMeta();
        var reader = new Utf8JsonReader(json.Span, RawJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            meta.ReadMember(ref reader, json);
        }

        return meta;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.ValueTextEquals("2026-07-28"u8) ? ProtocolRevision.Modern.Name : reader.GetString();
        }

        reader.Skip();
        return null;
    }

    private void ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        if (reader.ValueTextEquals("io.modelcontextprotocol/protocolVersion"u8))
        {
            ProtocolVersion = Text(ref reader);
        }
        else if (reader.ValueTextEquals("io.modelcontextprotocol/clientCapabilities"u8))
        {
            ClientCapabilities = RawJson.Value(ref reader, json);
        }
        else if (reader.ValueTextEquals("progressToken"u8))
        {
            ProgressToken = RawJson.Value(ref reader, json);
        }
        else if (reader.ValueTextEquals("io.modelcontextprotocol/logLevel"u8))
        {
            LogLevel = Text(ref reader);
        }
        else if (reader.ValueTextEquals("toolruntime/session"u8))
        {
            Session = Text(ref reader);
        }
        else if (reader.ValueTextEquals(IdempotencyMember))
        {
            IdempotencyKey = Text(ref reader);
        }
        else if (reader.ValueTextEquals("traceparent"u8))
        {
            TraceParent = Text(ref reader);
        }
        else if (reader.ValueTextEquals("tracestate"u8))
        {
            TraceState = Text(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }
}
