using System.Text;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>Describes files as the host is told of them.</summary>
internal static unsafe class FileEntry
{
    internal const int Here = -100;
    internal const uint BasicStatus = 0x7ff;
    internal const int LongestPath = 4096;
    private const int LinkItself = 0x100;
    private const int Format = 0xF000;

    /// <summary>Describes it, or what it links to.</summary>
    /// <exception cref="OperationException">There is nothing.</exception>
    internal static AgentFile Describe(string path, bool follow) => TryDescribe(path, follow, AccountNames.Now()) ?? throw Missing(path);

    /// <summary>Null when there is nothing; then the last error says why.</summary>
    internal static AgentFile? TryDescribe(string path, bool follow, AccountNames names)
    {
        if (!TryStatus(path, follow, out var status))
        {
            return null;
        }

        var type = TypeOf(status);
        var entry = new AgentFile(
            Path.GetFileName(path),
            type,
            status.Size,
            status.Mode & 0xFFF,
            (status.ModifiedSeconds * 1000) + (status.ModifiedNanoseconds / 1_000_000),
            (int)status.User,
            (int)status.Group)
        {
            Path = path,
            Owner = names.User((int)status.User),
            Group = names.Group((int)status.Group),
            ModifiedNs = (status.ModifiedSeconds * 1_000_000_000) + status.ModifiedNanoseconds,
            Attributes = ExtendedAttributes.Read(path),
        };
        return type == "link" ? WithTarget(entry, path) : entry;
    }

    internal static bool TryStatus(string path, bool follow, out FileStatus status)
    {
        fixed (FileStatus* place = &status)
        {
            return Libc.StatX(Here, path, follow ? 0 : LinkItself, BasicStatus, place) == 0;
        }
    }

    internal static string TypeOf(in FileStatus status) =>
        (status.Mode & Format) switch { 0x8000 => "file", 0x4000 => "folder", 0xA000 => "link", _ => "other" };

    /// <summary>What the link itself says.</summary>
    internal static string? ReadLink(string path)
    {
        var target = stackalloc byte[LongestPath];
        var length = Libc.ReadLink(path, target, LongestPath);
        return length < 0 ? null : Encoding.UTF8.GetString(target, (int)length);
    }

    private static Exception Missing(string path)
    {
        var error = new NativeException($"stat {path}", NativeError.Last);
        return error.Error is NativeError.NoEntry or NativeError.NotFolder ? new OperationException(AgentErrorCode.NotFound, error.Message) : error;
    }

    private static AgentFile WithTarget(AgentFile link, string path)
    {
        var resolved = stackalloc byte[LongestPath];
        if (Libc.RealPath(path, resolved) == null || !TryStatus(path, follow: true, out var status))
        {
            return link with { Target = ReadLink(path) };
        }

        var target = Encoding.UTF8.GetString(resolved, new ReadOnlySpan<byte>(resolved, LongestPath).IndexOf((byte)0));
        return link with { Target = target, TargetType = TypeOf(status), TargetMode = status.Mode & 0xFFF };
    }
}
