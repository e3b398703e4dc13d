using System.Collections.Concurrent;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sdk.Protocol;

/// <summary>Questions to the host that wait for their answers; the host bounds how many a call may have open.</summary>
internal sealed class HostCalls(FrameChannel channel)
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _open = new();
    private long _last;

    /// <summary>Asks, and gives the reply's result.</summary>
    /// <exception cref="ToolException">The host answered with a fault.</exception>
    public async Task<JsonElement> AskAsync(uint call, string method, Action<Utf8JsonWriter> writeParameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[id] = answer;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var frame = FrameBuilder.Begin(WorkerFrameType.HostCall, call);
            frame.Json.WriteStartObject();
            frame.Json.WriteNumber("id"u8, id);
            frame.Json.WriteString("method"u8, method);
            frame.Json.WritePropertyName("params"u8);
            writeParameters(frame.Json);
            frame.Json.WriteEndObject();
            channel.Send(frame);
            return await answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _open.TryRemove(id, out _);
        }
    }

    /// <summary>Settles the question that a HOST_REPLY answers; one that was given up is ignored.</summary>
    public void Reply(byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        var reply = document.RootElement;
        if (!_open.TryGetValue(reply.GetProperty("id"u8).GetInt64(), out var open))
        {
            return;
        }

        if (reply.TryGetProperty("fault"u8, out var fault))
        {
            open.TrySetException(new ToolException(
                Text(fault, "code") ?? "Internal", Text(fault, "message") ?? "the host gave no reason", Text(fault, "hint")));
            return;
        }

        open.TrySetResult(reply.TryGetProperty("result"u8, out var result) ? result.Clone() : default);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
