using System.Buffers;
using System.Text.Json;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>The worker's sending half: whole frames on descriptor 4.</summary>
internal sealed unsafe class WorkerOutput
{
    internal const int Descriptor = 4;

    private readonly Lock _gate = new();

    /// <summary>Sends a frame whose payload is one JSON object.</summary>
    internal void Send(WorkerFrameType type, uint call, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(stackalloc byte[WorkerFrameHeader.Size]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        var frame = buffer.WrittenSpan.ToArray();
        new WorkerFrameHeader(type, call, frame.Length - WorkerFrameHeader.Size).Write(frame);
        lock (_gate)
        {
            fixed (byte* start = frame)
            {
                _ = Descriptors.Write(Descriptor, start, frame.Length);
            }
        }
    }
}
