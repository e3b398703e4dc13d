using System.Globalization;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>Without calls no sandbox is left, neither the function's nor a warm one of its kind; the next call works.</summary>
public sealed class ToZeroTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("toolrt-zero-").FullName;

    public async ValueTask InitializeAsync()
    {
        var configuration = Path.Combine(_data, "host.json");
        await File.WriteAllTextAsync(configuration, """{"version":"2.0","toolruntime":{"sandbox":{"warmIdleSeconds":1}}}""");
        await DoAsync("up", "--detach", "--port", Toolrt.FreePort().ToString(CultureInfo.InvariantCulture), "--config", configuration);
    }

    public async ValueTask DisposeAsync()
    {
        await DoAsync("down");
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task AnIdleInstanceHasNoSandboxProcessAndStillAnswersTheNextCall()
    {
        await DeployAsync(idleSeconds: 1);
        var first = await DoAsync("call", "add", """{"a":1,"b":2}""");
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        while (await HasPoolAsync() || SandboxProcesses().Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
        }

        var next = await DoAsync("call", "add", """{"a":2,"b":3}""");
        await DeployAsync(idleSeconds: 3_600);
        await DoAsync("call", "add", """{"a":2,"b":3}""");

        Assert.Equal("3.0", first.Output.Trim());
        Assert.Equal("5.0", next.Output.Trim());
        Assert.NotEmpty(SandboxProcesses());
    }

    private async Task DeployAsync(int idleSeconds)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_data, "files", "add")).FullName;
        File.Copy(Path.Combine(Toolrt.Root, "functions/samples/add.py"), Path.Combine(folder, "add.py"), overwrite: true);
        await File.WriteAllTextAsync(Path.Combine(folder, "toolruntime.json"), $$$"""{"name":"add","entry":"add.py","pool":{"idleSeconds":{{{idleSeconds}}}}}""");
        await DoAsync("deploy", folder);
    }

    private async Task<CommandResult> DoAsync(params string[] arguments)
    {
        var result = await Toolrt.RunAsync(_data, arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    private async Task<bool> HasPoolAsync()
    {
        using var status = JsonDocument.Parse((await DoAsync("status", "--json")).Output);
        return status.RootElement.GetProperty("runtime").GetProperty("functions").GetArrayLength() > 0;
    }

    /// <summary>What of gVisor runs below the folder.</summary>
    private List<string> SandboxProcesses()
    {
        var sandboxes = Path.Combine(_data, "sandboxes");
        List<string> found = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                var line = File.ReadAllText(Path.Combine(folder, "cmdline"));
                if (line.Contains(sandboxes, StringComparison.Ordinal))
                {
                    found.Add(line);
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
