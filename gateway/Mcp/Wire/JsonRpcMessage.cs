using System.Text.Json;

using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>One JSON-RPC message, read in one pass; what the gateway need not understand stays as it came.</summary>
public sealed class JsonRpcMessage
{
    private static readonly string[] s_methods =
    [
        "tools/call", "tools/list", "server/discover", "initialize", "notifications/initialized", "ping", "resources/list", "resources/read",
        "resources/templates/list", "prompts/list", "prompts/get", "completion/complete", "subscriptions/listen", "notifications/cancelled",
        "tasks/get", "tasks/update", "tasks/cancel",
    ];

    /// <summary>The id as it came (string or number); empty for notifications.</summary>
    public ReadOnlyMemory<byte> Id { get; private set; }

    /// <summary>The method, or null for a response.</summary>
    public string? Method { get; private set; }

    /// <summary>The raw parameters; empty when absent.</summary>
    public ReadOnlyMemory<byte> Params { get; private set; }

    /// <summary>The raw result of a response.</summary>
    public ReadOnlyMemory<byte> Result { get; private set; }

    /// <summary>The raw error of a response.</summary>
    public ReadOnlyMemory<byte> Error { get; private set; }

    /// <summary>Raw <c>params._meta</c>.</summary>
    public ReadOnlyMemory<byte> Meta { get; private set; }

    /// <summary>Raw <c>params.arguments</c>.</summary>
    public ReadOnlyMemory<byte> Arguments { get; private set; }

    /// <summary>Raw <c>params.inputResponses</c>.</summary>
    public ReadOnlyMemory<byte> InputResponses { get; private set; }

    /// <summary><c>params.name</c>, or null.</summary>
    public string? Name { get; private set; }

    /// <summary><c>params.uri</c>, or null.</summary>
    public string? Uri { get; private set; }

    /// <summary><c>params.taskId</c>, or null.</summary>
    public string? TaskId { get; private set; }

    /// <summary><c>params.cursor</c>, or null.</summary>
    public string? Cursor { get; private set; }

    /// <summary><c>params.requestState</c>, or null.</summary>
    public string? RequestState { get; private set; }

    /// <summary>Whether it asks for an answer.</summary>
    public bool IsRequest => Method is not null && !Id.IsEmpty;

    /// <summary>Reads one message.</summary>
    /// <exception cref="JsonRpcException">It is no valid message; the id is told where it was read.</exception>
    public static JsonRpcMessage Read(ReadOnlyMemory<byte> body)
    {
        var message = new JsonRpcMessage();
        try
        {
            message.ReadEnvelope(body);
        }
        catch (JsonException error)
        {
            throw new JsonRpcException(JsonRpcCodes.ParseError, $"the body is not valid JSON: {error.Message}", message.Id);
        }

        return message;
    }

    private static string MethodName(ref Utf8JsonReader reader)
    {
        foreach (var known in s_methods)
        {
            if (reader.ValueTextEquals(known))
            {
                return known;
            }
        }

        return reader.GetString()!;
    }

    private void ReadEnvelope(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span, RawJson.ReaderOptions);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidRequest, "batches are not part of the protocol since 2025-06-18: send one message per request");
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidRequest, "a message is a JSON object");
        }

        var versioned = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            versioned |= ReadMember(ref reader, body);
        }

        reader.Read();
        if (!versioned)
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidRequest, "\"jsonrpc\" must be \"2.0\"", Id);
        }

        if (Method is null && (Id.IsEmpty || (Result.IsEmpty && Error.IsEmpty)))
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidRequest, "a message has a method, or an id with a result or an error", Id);
        }
    }

    /// <summary>Reads one member of the envelope; true for a right version.</summary>
    private bool ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        if (reader.ValueTextEquals("params"u8))
        {
            ReadParams(ref reader, body);
        }
        else if (reader.ValueTextEquals("id"u8))
        {
            Id = Once(Id, ReadId(ref reader, body), "id");
        }
        else if (reader.ValueTextEquals("method"u8))
        {
            reader.Read();
            Method = reader.TokenType == JsonTokenType.String && Method is null
                ? MethodName(ref reader)
                : throw new JsonRpcException(JsonRpcCodes.InvalidRequest, "\"method\" must be one string", Id);
        }
        else if (reader.ValueTextEquals("jsonrpc"u8))
        {
            reader.Read();
            return reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("2.0"u8);
        }
        else if (reader.ValueTextEquals("result"u8))
        {
            Result = Once(Result, RawJson.Value(ref reader, body), "result");
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            Error = Once(Error, RawJson.Value(ref reader, body), "error");
        }
        else
        {
            reader.Skip();
        }

        return false;
    }

    private void ReadParams(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject || !Params.IsEmpty)
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidRequest, "\"params\" must be one object", Id);
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadParameter(ref reader, body);
        }

        Params = body[start..(int)reader.BytesConsumed];
    }

    private void ReadParameter(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        if (reader.ValueTextEquals("name"u8))
        {
            Name = Text(ref reader, Name);
        }
        else if (reader.ValueTextEquals("arguments"u8))
        {
            Arguments = Once(Arguments, RawJson.Value(ref reader, body), "arguments");
        }
        else if (reader.ValueTextEquals("_meta"u8))
        {
            Meta = Once(Meta, RawJson.Value(ref reader, body), "_meta");
        }
        else if (reader.ValueTextEquals("uri"u8))
        {
            Uri = Text(ref reader, Uri);
        }
        else if (reader.ValueTextEquals("taskId"u8))
        {
            TaskId = Text(ref reader, TaskId);
        }
        else if (reader.ValueTextEquals("cursor"u8))
        {
            Cursor = Text(ref reader, Cursor);
        }
        else if (reader.ValueTextEquals("requestState"u8))
        {
            RequestState = Text(ref reader, RequestState);
        }
        else if (reader.ValueTextEquals("inputResponses"u8))
        {
            InputResponses = Once(InputResponses, RawJson.Value(ref reader, body), "inputResponses");
        }
        else
        {
            reader.Skip();
        }
    }

    private static ReadOnlyMemory<byte> ReadId(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        var id = RawJson.Value(ref reader, body);
        var first = id.Span[0];
        if (first != (byte)'"' && (first is not (>= (byte)'0' and <= (byte)'9' or (byte)'-') || id.Span.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0))
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidRequest, "\"id\" must be a string or a whole number");
        }

        return id;
    }

    private string? Text(ref Utf8JsonReader reader, string? before)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && before is null
            ? reader.GetString()
            : throw new JsonRpcException(JsonRpcCodes.InvalidParams, "a parameter that must be one string is not", Id);
    }

    /// <summary>Two members of one name would let a proxy before us and us see different calls.</summary>
    private ReadOnlyMemory<byte> Once(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> value, string name) =>
        before.IsEmpty ? value : throw new JsonRpcException(JsonRpcCodes.InvalidRequest, $"\"{name}\" stands twice", Id);
}
