using System.Globalization;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Measures every process that is seen from here.</summary>
internal static class StatsOperation
{
    private const int UserTime = 11;
    private const int SystemTime = 12;
    private const int ResidentPages = 21;
    private const int MicrosPerTick = 10_000;
    private const int PageSize = 4096;

    internal static AgentReply Run()
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

        return new AgentReply { Ok = true, RssBytes = resident, CpuMicros = micros, ProcessCount = processes };
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
