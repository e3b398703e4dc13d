using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>Tells a kernel that it came out of a snapshot, which others may have come out of too: it seeds its random generators anew.</summary>
internal static class RestoredFrame
{
    private const int SeedLength = 32;

    /// <summary>The frame, with a fresh seed.</summary>
    public static byte[] Create(DateTimeOffset now)
    {
        var seed = Convert.ToBase64String(RandomNumberGenerator.GetBytes(SeedLength));
        var nanoseconds = (now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var payload = Encoding.UTF8.GetBytes($$"""{"seed":"{{seed}}","time":{{nanoseconds}}}""");
        var frame = new byte[WorkerFrameHeader.Size + payload.Length];
        new WorkerFrameHeader(WorkerFrameType.Restored, 0, payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(WorkerFrameHeader.Size));
        return frame;
    }
}
