using System.Buffers;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Workers;

/// <summary>Writes the host's frames.</summary>
internal static class HostFrames
{
    private const string CodeRoot = "/layers/code";

    /// <summary>Type 1.</summary>
    public static void Load(FrameBuffer buffer, LoadRequest request)
    {
        var at = buffer.Begin(WorkerFrameType.Load, 0);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("root"u8, CodeRoot);
            json.WriteString("entry"u8, request.Manifest.Entry);
            json.WriteString("language"u8, request.Manifest.Language.ToString().ToLowerInvariant());
            json.WriteStartObject("environment"u8);
            foreach (var (name, value) in request.Environment)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteNumber("concurrency"u8, request.Manifest.Isolation == Isolation.Request ? 1 : request.Manifest.Concurrency);
            json.WriteNumber("outputBytes"u8, request.Manifest.Limits.OutputKiB * 1024L);
            json.WriteBoolean("inspect"u8, request.Inspect);
            if (request.Output is { } output)
            {
                json.WriteString("output"u8, output);
            }

            json.WriteEndObject();
        }

        buffer.End(at);
    }

    /// <summary>Type 2.</summary>
    public static void Call(FrameBuffer buffer, uint call, in CallRequest request)
    {
        var at = buffer.Begin(WorkerFrameType.Call, call);
        var head = buffer.Reserve();
        var json = JsonWriters.Rent(buffer);
        WriteHead(json, request);
        JsonWriters.Return(json);
        buffer.Patch(head);
        var arguments = request.Invocation.Arguments;
        buffer.Write(arguments.IsEmpty ? "{}"u8 : arguments.Span);
        buffer.End(at);
    }

    /// <summary>Type 3; <paramref name="reason"/> is <c>cancelled</c> or <c>deadline</c>.</summary>
    public static void Cancel(FrameBuffer buffer, uint call, string reason) =>
        Write(buffer, WorkerFrameType.Cancel, call, json => json.WriteString("reason"u8, reason));

    /// <summary>Type 4 with a result, which must be JSON.</summary>
    public static void Reply(FrameBuffer buffer, uint call, long id, ReadOnlyMemory<byte> result) => Write(buffer, WorkerFrameType.HostReply, call, json =>
    {
        json.WriteNumber("id"u8, id);
        json.WritePropertyName("result"u8);
        json.WriteRawValue(result.Span, skipInputValidation: true);
    });

    /// <summary>Type 4 with a fault.</summary>
    public static void Reply(FrameBuffer buffer, uint call, long id, FunctionFault fault) => Write(buffer, WorkerFrameType.HostReply, call, json =>
    {
        json.WriteNumber("id"u8, id);
        json.WritePropertyName("fault"u8);
        JsonSerializer.Serialize(json, fault, FunctionsJson.Default.FunctionFault);
    });

    private static void Write(FrameBuffer buffer, WorkerFrameType type, uint call, Action<Utf8JsonWriter> members)
    {
        var at = buffer.Begin(type, call);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        buffer.End(at);
    }

    private static void WriteHead(Utf8JsonWriter json, in CallRequest request)
    {
        var invocation = request.Invocation;
        json.WriteStartObject();
        json.WriteString("entry"u8, request.Entry);
        json.WriteString("tool"u8, invocation.Tool);
        json.WriteString("invocation"u8, invocation.Id);
        json.WriteString("session"u8, invocation.Session);
        json.WriteString("tenant"u8, invocation.Caller.Tenant);
        json.WriteString("function"u8, invocation.Function);
        json.WriteNumber("attempt"u8, request.Attempt);
        json.WriteNumber("deadlineMs"u8, request.DeadlineMilliseconds);
        if (request.TraceParent is { } trace)
        {
            json.WriteString("traceparent"u8, trace);
        }

        json.WriteBoolean("stream"u8, request.Stream);
        if (!request.Checkpoint.IsEmpty)
        {
            json.WritePropertyName("checkpoint"u8);
            json.WriteRawValue(request.Checkpoint.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    /// <summary>One JSON writer per thread: the hot path writes a head per call.</summary>
    private static class JsonWriters
    {
        [ThreadStatic]
        private static Utf8JsonWriter? s_writer;

        public static Utf8JsonWriter Rent(IBufferWriter<byte> buffer)
        {
            var writer = s_writer ?? new Utf8JsonWriter(buffer);
            s_writer = null;
            writer.Reset(buffer);
            return writer;
        }

        public static void Return(Utf8JsonWriter writer)
        {
            writer.Flush();
            s_writer = writer;
        }
    }
}
