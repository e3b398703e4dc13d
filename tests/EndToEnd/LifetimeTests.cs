using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>Instances begin, end, are killed and do not meet.</summary>
public sealed class LifetimeTests
{
    [Fact]
    public async Task TwoInstancesDoNotMeetAndDownLeavesNothing()
    {
        var (one, two) = (NewFolder(), NewFolder());
        await UpAsync(one);
        await UpAsync(two);
        await DoAsync(one, "deploy", Path.Combine(Toolrt.Root, "functions/samples/add.py"));

        var foreign = await Toolrt.RunAsync(two, "call", "add", """{"a":1,"b":2}""");
        var own = await DoAsync(one, "call", "add", """{"a":1,"b":2}""");
        await DoAsync(one, "down");
        await DoAsync(two, "down");

        Assert.NotEqual(0, foreign.ExitCode);
        Assert.Equal("3.0", own.Output.Trim());
        Assert.Empty(Leftovers(one));
        Assert.Empty(Leftovers(two));
    }

    [Fact]
    public async Task AfterAKillTheNextStartCleansUpAndServesWhatWasDeployed()
    {
        var data = NewFolder();
        await UpAsync(data);
        await DoAsync(data, "deploy", Path.Combine(Toolrt.Root, "functions/samples/add.py"));
        await DoAsync(data, "call", "add", """{"a":1,"b":2}""");
        using (var process = Process.GetProcessById(Pid(data)))
        {
            process.Kill();
            await process.WaitForExitAsync(new CancellationTokenSource(Toolrt.Deadline).Token);
        }

        await UpAsync(data);
        var called = await DoAsync(data, "call", "add", """{"a":2,"b":3}""");
        await DoAsync(data, "down");

        Assert.Equal("5.0", called.Output.Trim());
        Assert.Empty(Leftovers(data));
    }

    private static string NewFolder() => Directory.CreateTempSubdirectory("toolrt-life-").FullName;

    private static Task<CommandResult> UpAsync(string data) => DoAsync(data, "up", "--detach", "--port", Toolrt.FreePort().ToString(CultureInfo.InvariantCulture));

    private static async Task<CommandResult> DoAsync(string data, params string[] arguments)
    {
        var result = await Toolrt.RunAsync(data, arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    private static int Pid(string data)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(data, "instance.json")));
        return file.RootElement.GetProperty("pid").GetInt32();
    }

    /// <summary>Processes that name the folder, mounts below it, cgroups that name its sandboxes.</summary>
    private static List<string> Leftovers(string data)
    {
        var found = File.ReadAllLines("/proc/self/mountinfo").Where(l => l.Contains(data, StringComparison.Ordinal)).Select(l => "mount " + l).ToList();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                var line = File.ReadAllText(Path.Combine(folder, "cmdline"));
                if (line.Contains(data, StringComparison.Ordinal))
                {
                    found.Add($"process {Path.GetFileName(folder)} {line.Replace('\0', ' ')}");
                }
            }
            catch (IOException)
            {
                // Ended while we looked.
            }
        }

        return found;
    }
}
