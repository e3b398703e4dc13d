using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;

namespace ToolRuntime.Tests.Integration.CSharp;

/// <summary>The host's end of a worker's pipe.</summary>
internal sealed class WorkerTalk(Stream fromWorker, Stream toWorker) : IDisposable
{
    private readonly FrameChannel _channel = new(fromWorker, toWorker);
    private uint _last;

    public void Send(WorkerFrameType type, uint call, object payload)
    {
        var frame = FrameBuilder.Begin(type, call);
        frame.Json.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(payload));
        _channel.Send(frame);
    }

    /// <summary>The next frame of the worker.</summary>
    public (WorkerFrameType Type, uint Call, JsonElement Payload) Next()
    {
        var frame = _channel.Read() ?? throw new EndOfStreamException("the worker ended");
        using var document = JsonDocument.Parse(frame.Payload);
        return (frame.Type, frame.Call, document.RootElement.Clone());
    }

    public (WorkerFrameType Type, JsonElement Payload) Load(string root, string entry, bool inspect, string? output = null, long outputBytes = 1 << 20, int concurrency = 4)
    {
        Send(WorkerFrameType.Load, 0, new { root, entry, language = "csharp", environment = new { GREETING = "hello" }, concurrency, outputBytes, inspect, output });
        var (type, _, payload) = Next();
        return (type, payload);
    }

    /// <summary>Starts a call; its number.</summary>
    public uint Start(string tool, string arguments, object? head = null)
    {
        var call = ++_last;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(head ?? new { entry = tool, tool, invocation = "i1", session = "s1", tenant = "local", function = "f", attempt = 1, deadlineMs = 60_000, stream = true });
        var payload = new byte[4 + bytes.Length + Encoding.UTF8.GetByteCount(arguments)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, bytes.Length);
        bytes.CopyTo(payload, 4);
        Encoding.UTF8.GetBytes(arguments, payload.AsSpan(4 + bytes.Length));
        var wire = new byte[WorkerFrameHeader.Size + payload.Length];
        new WorkerFrameHeader(WorkerFrameType.Call, call, payload.Length).Write(wire);
        payload.CopyTo(wire, WorkerFrameHeader.Size);
        toWorker.Write(wire);
        toWorker.Flush();
        return call;
    }

    /// <summary>Runs a call; all its frames, the answer last.</summary>
    public List<(WorkerFrameType Type, JsonElement Payload)> Run(string tool, string arguments)
    {
        var call = Start(tool, arguments);
        List<(WorkerFrameType, JsonElement)> frames = [];
        while (true)
        {
            var (type, number, payload) = Next();
            Assert.Equal(call, number);
            frames.Add((type, payload));
            if (type is WorkerFrameType.Result or WorkerFrameType.Error)
            {
                return frames;
            }
        }
    }

    public void Dispose() => _channel.Dispose();
}
