using System.Text.Json;

using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>How a call ended, and its messages, as a result.</summary>
internal sealed class GrpcResult(ResponseOptions options, ContinuationStore continuations)
{
    /// <summary>The result.</summary>
    public ApiResult Of(ApiCall call, GrpcStatus status, IReadOnlyList<ReadOnlyMemory<byte>> items, bool isStream)
    {
        var result = new ResultWriter { Status = status.Code == 0 ? 200 : 500, IsError = status.Code != 0 };
        if (status.Code != 0)
        {
            result.AddText($"gRPC {status.Name}: {status.Message}".TrimEnd(':', ' '));
        }

        if (items.Count > 0 || (isStream && status.Code == 0))
        {
            using var value = JsonDocument.Parse(Line(items, isStream), new JsonDocumentOptions { MaxDepth = 256 });
            var context = new ResponseContext { Tool = call.Tool, Arguments = call.Arguments, Owner = call.Caller.Subject, Shape = call.Shape };
            new BodyResult(options, continuations, context).AddLine(result, value.RootElement, next: null);
        }

        return result.Finish();
    }

    private static ReadOnlyMemory<byte> Line(IReadOnlyList<ReadOnlyMemory<byte>> items, bool isStream)
    {
        if (!isStream)
        {
            return items[0];
        }

        using var line = new MemoryStream();
        line.WriteByte((byte)'[');
        for (var i = 0; i < items.Count; i++)
        {
            line.Write(i == 0 ? ""u8 : ","u8);
            line.Write(items[i].Span);
        }

        line.WriteByte((byte)']');
        return line.ToArray();
    }
}
