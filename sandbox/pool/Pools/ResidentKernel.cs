using System.Buffers.Binary;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>What is said to the kernel that stands ready in a code sandbox (docs/PROTOCOL.md section 3).</summary>
public static class ResidentKernel
{
    private const byte Environment = 7;
    private const byte Done = 19;
    private const int LongestReply = 64 * 1024;
    private const int LengthAfterPrefix = WorkerFrameHeader.Size - sizeof(uint);

    /// <summary>Gives it a sandbox's variables, for it was started before anybody knew them. Nothing where there is no kernel.</summary>
    /// <exception cref="IOException">The kernel, or its sandbox, has ended.</exception>
    public static async ValueTask SetEnvironmentAsync(ISandboxLease lease, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        if (environment.Count == 0 || lease.WorkerId != WorkerCommands.KernelId)
        {
            return;
        }

        await lease.Worker.WriteAsync(FrameOf(environment), cancellationToken);
        var head = new byte[WorkerFrameHeader.Size];
        await lease.Worker.ReadExactlyAsync(head, cancellationToken);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (length is < LengthAfterPrefix or > LongestReply || head[sizeof(uint)] != Done)
        {
            throw new IOException($"the kernel answered with a frame of type {head[sizeof(uint)]} and length {length}");
        }

        await lease.Worker.ReadExactlyAsync(new byte[length - LengthAfterPrefix], cancellationToken);
    }

    private static ReadOnlyMemory<byte> FrameOf(IReadOnlyDictionary<string, string> environment)
    {
        var frame = new MemoryStream();
        frame.SetLength(WorkerFrameHeader.Size);
        frame.Position = WorkerFrameHeader.Size;
        using (var json = new Utf8JsonWriter(frame))
        {
            json.WriteStartObject();
            json.WriteStartObject("set"u8);
            foreach (var (name, value) in environment)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        new WorkerFrameHeader((WorkerFrameType)Environment, Call: 1, (int)frame.Length - WorkerFrameHeader.Size).Write(frame.GetBuffer());
        return frame.GetBuffer().AsMemory(0, (int)frame.Length);
    }
}
