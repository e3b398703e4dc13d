using System.Globalization;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Measures every process that is seen from here.</summary>
internal static unsafe class StatsOperation
{
    private const int UserTime = 11;
    private const int SystemTime = 12;
    private const int ResidentPages = 21;
    private const int MicrosPerTick = 10_000;
    private const int PageSize = 4096;
    private const long Unbounded = 1L << 60;
    private const string UserFolder = "/home/user";

    internal static AgentReply Run(AgentRequest request)
    {
        long resident = 0;
        long micros = 0;
        var processes = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(folder[6]) || Read($"{folder}/stat") is not { } fields)
            {
                continue;
            }

            processes++;
            resident += Number(fields[ResidentPages]) * PageSize;
            micros += (Number(fields[UserTime]) + Number(fields[SystemTime])) * MicrosPerTick;
        }

        var memory = Memory();
        var (total, used) = Disk(request.Path ?? (Directory.Exists(UserFolder) ? UserFolder : "/"), memory);
        return new AgentReply
        {
            Ok = true,
            RssBytes = resident,
            CpuMicros = micros,
            ProcessCount = processes,
            CpuCount = Environment.ProcessorCount,
            MemoryTotal = memory.GetValueOrDefault("MemTotal"),
            MemoryUsed = memory.GetValueOrDefault("MemTotal") - memory.GetValueOrDefault("MemFree") - memory.GetValueOrDefault("Cached") - memory.GetValueOrDefault("Buffers"),
            MemoryCache = memory.GetValueOrDefault("Cached") + memory.GetValueOrDefault("Buffers"),
            DiskTotal = total,
            DiskUsed = used,
        };
    }

    /// <summary>Bytes by name, out of lines as <c>MemTotal:  1024 kB</c>.</summary>
    private static Dictionary<string, long> Memory()
    {
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines("/proc/meminfo"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 3)
            {
                values[fields[0].TrimEnd(':')] = Number(fields[1]) * 1024;
            }
        }

        return values;
    }

    /// <summary>An overlay that gVisor keeps in memory says that it is without bounds: its bound is the memory, where it counts as shared.</summary>
    private static (long Total, long Used) Disk(string path, Dictionary<string, long> memory)
    {
        DiskStatus status;
        if (Libc.DiskStatus(path, &status) < 0)
        {
            return default;
        }

        return status.Blocks > Unbounded / Math.Max(1, status.BlockSize)
            ? (memory.GetValueOrDefault("MemTotal"), memory.GetValueOrDefault("Shmem"))
            : (status.Blocks * status.BlockSize, (status.Blocks - status.FreeBlocks) * status.BlockSize);
    }

    /// <summary>The fields behind the program's name, which may hold blanks; null when the process has just ended.</summary>
    private static string[]? Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Length > ResidentPages ? fields : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
