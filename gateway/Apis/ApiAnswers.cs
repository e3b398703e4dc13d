using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Results that the gateway gives itself.</summary>
internal static class ApiAnswers
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>A JSON value as a result.</summary>
    public static ReadOnlyMemory<byte> Value(ReadOnlyMemory<byte> json) => (byte[])[.. "{\"value\":"u8, .. json.Span, .. "}"u8];

    /// <summary>A piece of what was kept.</summary>
    /// <exception cref="FunctionFaultException">It is not kept, or not for this caller.</exception>
    public static ReadOnlyMemory<byte> Piece(ContinuationStore store, string owner, string handle, int offset)
    {
        if (store.Read(owner, handle, Math.Max(0, offset), PieceBytes) is not { } read)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "/handle: nothing is kept under this handle (any more)", "call the operation again");
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("content"u8);
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, Encoding.UTF8.GetString(read.Piece.Span));
            json.WriteEndObject();
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, read.Next < read.Total ? $"(go on with offset {read.Next} of {read.Total})" : "(that was the end)");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
