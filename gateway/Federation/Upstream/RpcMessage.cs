using System.Text.Json;

using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>A server's message, its members found in one pass and left as they came.</summary>
internal readonly struct RpcMessage
{
    private RpcMessage(ReadOnlyMemory<byte> id, string? method, (ReadOnlyMemory<byte> Params, ReadOnlyMemory<byte> Result, ReadOnlyMemory<byte> Error) parts) =>
        (Id, Method, Params, Result, Error) = (id, method, parts.Params, parts.Result, parts.Error);

    /// <summary>Raw id, or empty.</summary>
    public ReadOnlyMemory<byte> Id { get; }

    /// <summary>The method, or null for an answer.</summary>
    public string? Method { get; }

    /// <summary>Raw parameters, or empty.</summary>
    public ReadOnlyMemory<byte> Params { get; }

    /// <summary>Raw result, or empty.</summary>
    public ReadOnlyMemory<byte> Result { get; }

    /// <summary>Raw error, or empty.</summary>
    public ReadOnlyMemory<byte> Error { get; }

    /// <summary>Whether it answers a request.</summary>
    public bool IsAnswer => Method is null && !(Result.IsEmpty && Error.IsEmpty);

    /// <summary>Reads one message, or nothing where it is no JSON.</summary>
    public static RpcMessage TryRead(ReadOnlyMemory<byte> json)
    {
        try
        {
            return Read(json);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>Reads one message.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static RpcMessage Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, RawJson.ReaderOptions);
        if (json.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return default;
        }

        ReadOnlyMemory<byte> id = default, parameters = default, result = default, error = default;
        string? method = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("result"u8))
            {
                result = RawJson.Value(ref reader, json);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                id = RawJson.Value(ref reader, json);
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                method = RawJson.Text(RawJson.Value(ref reader, json));
            }
            else if (reader.ValueTextEquals("params"u8))
            {
                parameters = RawJson.Value(ref reader, json);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                error = RawJson.Value(ref reader, json);
            }
            else
            {
                reader.Skip();
            }
        }

        return new RpcMessage(id, method, (parameters, result, error));
    }
}
