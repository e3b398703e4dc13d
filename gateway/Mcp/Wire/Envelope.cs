using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>Writes JSON-RPC envelopes around raw parts.</summary>
public static class Envelope
{
    /// <summary>Begins a response up to the result's value.</summary>
    public static ReplyBuffer Result(this ReplyBuffer buffer, ReadOnlyMemory<byte> id) =>
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Raw(id.Span).Raw(",\"result\":"u8);

    /// <summary>Ends what was begun.</summary>
    public static ReplyBuffer End(this ReplyBuffer buffer) => buffer.Raw("}"u8);

    /// <summary>A whole error response.</summary>
    public static ReplyBuffer Error(this ReplyBuffer buffer, JsonRpcException error, ReadOnlyMemory<byte> id)
    {
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Raw(id.IsEmpty ? "null"u8 : id.Span);
        buffer.Raw(",\"error\":{\"code\":"u8).Number(error.Code).Raw(",\"message\":"u8).Text(error.Message);
        if (error.ErrorData is not null)
        {
            buffer.Raw(",\"data\":"u8).Raw(System.Text.Encoding.UTF8.GetBytes(error.ErrorData));
        }

        return buffer.Raw("}}"u8);
    }

    /// <summary>A whole notification with raw parameters.</summary>
    public static ReplyBuffer Notification(this ReplyBuffer buffer, string method, ReadOnlySpan<byte> parameters) =>
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"method\":"u8).Text(method).Raw(",\"params\":"u8).Raw(parameters).Raw("}"u8);

    /// <summary>A whole request with raw parameters.</summary>
    public static ReplyBuffer Request(this ReplyBuffer buffer, string id, string method, ReadOnlySpan<byte> parameters) =>
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Text(id).Raw(",\"method\":"u8).Text(method).Raw(",\"params\":"u8).Raw(parameters).Raw("}"u8);
}
