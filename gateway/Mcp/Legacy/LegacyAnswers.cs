using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Legacy;

/// <summary>A client's answers to the requests that it got on a stream, in the form in which the function gets them.</summary>
public static class LegacyAnswers
{
    /// <summary>Hands a response to the call that asked; unknown ones are passed over, for the call may have ended.</summary>
    public static async ValueTask DeliverAsync(LegacySession session, JsonRpcMessage response, CancellationToken cancellationToken)
    {
        var id = RawJson.Text(response.Id);
        var split = id?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (split > 0 && session.Find(id![..split]) is { IsOver: false } kept)
        {
            var key = id[(split + 1)..];
            await kept.Call.AnswerAsync(InputRequests.Answer(key, response.Error.IsEmpty ? response.Result.Span : Error(response.Error)), cancellationToken);
        }
    }

    private static ReadOnlySpan<byte> Error(ReadOnlyMemory<byte> error) => (byte[])[.. "{\"error\":"u8, .. error.Span, .. "}"u8];
}
