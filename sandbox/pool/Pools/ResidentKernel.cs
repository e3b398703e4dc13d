using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>What is said to the kernel that stands ready in a code sandbox (docs/PROTOCOL.md section 3).</summary>
public static class ResidentKernel
{
    private const byte Restored = 6;
    private const byte Environment = 7;
    private const int SeedLength = 32;
    private const byte Done = 19;
    private const int LongestReply = 64 * 1024;
    private const int LengthAfterPrefix = WorkerFrameHeader.Size - sizeof(uint);

    /// <summary>Gives it a sandbox's variables, for it was started before anybody knew them. Nothing where there is no kernel.</summary>
    /// <exception cref="IOException">The kernel, or its sandbox, has ended.</exception>
    public static async ValueTask SetEnvironmentAsync(ISandboxLease lease, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        if (environment.Count == 0 || !WorkerCommands.IsKernel(lease.WorkerId))
        {
            return;
        }

        await lease.Worker.WriteAsync(
            Frame(Environment, call: 1, json =>
            {
                json.WriteStartObject("set"u8);
                foreach (var (name, value) in environment)
                {
                    json.WriteString(name, value);
                }

                json.WriteEndObject();
            }),
            cancellationToken);
        var head = new byte[WorkerFrameHeader.Size];
        await lease.Worker.ReadExactlyAsync(head, cancellationToken);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (length is < LengthAfterPrefix or > LongestReply || head[sizeof(uint)] != Done)
        {
            throw new IOException($"the kernel answered with a frame of type {head[sizeof(uint)]} and length {length}");
        }

        await lease.Worker.ReadExactlyAsync(new byte[length - LengthAfterPrefix], cancellationToken);
    }

    /// <summary>Says that it was restored, with a seed of its own: sandboxes from one snapshot draw the same random numbers otherwise.</summary>
    internal static ValueTask TellRestoredAsync(Stream kernel, TimeProvider time, CancellationToken cancellationToken) => kernel.WriteAsync(
        Frame(Restored, call: 0, json =>
        {
            json.WriteBase64String("seed"u8, RandomNumberGenerator.GetBytes(SeedLength));
            json.WriteNumber("time"u8, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        }),
        cancellationToken);

    private static ReadOnlyMemory<byte> Frame(byte type, uint call, Action<Utf8JsonWriter> write)
    {
        var frame = new MemoryStream();
        frame.SetLength(WorkerFrameHeader.Size);
        frame.Position = WorkerFrameHeader.Size;
        using (var json = new Utf8JsonWriter(frame))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        new WorkerFrameHeader((WorkerFrameType)type, call, (int)frame.Length - WorkerFrameHeader.Size).Write(frame.GetBuffer());
        return frame.GetBuffer().AsMemory(0, (int)frame.Length);
    }
}
