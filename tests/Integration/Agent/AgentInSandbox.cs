using System.Diagnostics;
using System.Text.Json.Nodes;

using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>The published agent as PID 1 of a gVisor sandbox that sees this machine's programs read-only.</summary>
internal sealed class AgentInSandbox : IAsyncDisposable
{
    /// <summary>The cache may stand anywhere, also below a folder that is another one in here.</summary>
    private const string AgentFolder = "/run/toolrt";
    private static readonly string[] s_capabilities = ["CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_OVERRIDE"];
    private readonly string _runsc;
    private readonly string _folder;
    private readonly string _id;
    private readonly Process _process;

    private AgentInSandbox(string runsc, string folder, string id, Process process, AgentClient client) =>
        (_runsc, _folder, _id, _process, Client) = (runsc, folder, id, process, client);

    internal AgentClient Client { get; }

    internal static async Task<AgentInSandbox> StartAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: runsc makes namespaces");
        var folder = Directory.CreateTempSubdirectory("toolrt-agent-").FullName;
        var runsc = await FindRunscAsync(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), Configuration());
        return await LaunchAsync(runsc, folder, epoch: 1, "run");
    }

    /// <summary>Suspends the agent and writes a checkpoint, which ends the sandbox; returns its folder.</summary>
    internal async Task<string> CheckpointAsync()
    {
        await Client.SuspendAsync(AgentOnHost.Within());
        var image = Path.Combine(_folder, "checkpoint");
        Directory.CreateDirectory(image);
        await CommandAsync("checkpoint", "--image-path", image, _id);
        await _process.WaitForExitAsync(AgentOnHost.Within());
        await Client.DisposeAsync();
        return image;
    }

    /// <summary>A new sandbox out of a checkpoint of this one.</summary>
    internal Task<AgentInSandbox> RestoreAsync(string image, ulong epoch) => LaunchAsync(_runsc, _folder, epoch, "restore", "--image-path", image);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _process.WaitForExitAsync(AgentOnHost.Within());
        await CommandAsync("delete", "--force", _id);
        _process.Dispose();
    }

    private static async Task<string> FindRunscAsync(string folder)
    {
        var options = new SandboxOptions
        {
            WorkFolder = folder,
            CacheFolder = PublishedAgent.CacheFolder,
            AgentPath = PublishedAgent.Path,
            SdkFolder = folder,
            KernelFolder = folder,
            RecipeFolder = folder,
        };
        return (await RunscLocator.LocateAsync(options, TimeProvider.System, new Progress<string>(), AgentOnHost.Within())).Path;
    }

    private static async Task<AgentInSandbox> LaunchAsync(string runsc, string folder, ulong epoch, string verb, params string[] arguments)
    {
        var id = $"agent-{Guid.NewGuid():N}";
        var process = Process.Start(new ProcessStartInfo(runsc, [.. Flags(folder), verb, .. arguments, "--bundle", folder, id])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var client = await AgentClient.ConnectAsync(process.StandardOutput.BaseStream, process.StandardInput.BaseStream, epoch, TimeProvider.System, AgentOnHost.Within());
        return new AgentInSandbox(runsc, folder, id, process, client);
    }

    private static string[] Flags(string folder) =>
        ["--root", Path.Combine(folder, "state"), "--platform", "systrap", "--network", "none", "--ignore-cgroups", "--overlay2", "none"];

    private static string Configuration() => new JsonObject
    {
        ["ociVersion"] = "1.0.2",
        ["root"] = new JsonObject { ["path"] = "/", ["readonly"] = true },
        ["process"] = new JsonObject
        {
            ["args"] = new JsonArray(AgentFolder + "/agent"),
            ["cwd"] = "/",
            ["env"] = new JsonArray("PATH=/usr/local/bin:/usr/bin:/bin"),
            ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
            ["capabilities"] = new JsonObject { ["bounding"] = new JsonArray(), ["effective"] = Capabilities(), ["permitted"] = Capabilities() },
            ["noNewPrivileges"] = true,
        },
        ["mounts"] = new JsonArray(Mount("proc", "proc", "/proc"), Mount("tmpfs", "tmpfs", "/tmp"), Mount("tmpfs", "tmpfs", "/run"), Mount("bind", Path.GetDirectoryName(PublishedAgent.Path)!, AgentFolder)),
        ["linux"] = new JsonObject
        {
            ["namespaces"] = new JsonArray([.. new[] { "pid", "ipc", "uts", "mount", "network" }.Select(kind => (JsonNode)new JsonObject { ["type"] = kind })]),
        },
    }.ToJsonString();

    private static JsonArray Capabilities() => [.. s_capabilities.Select(name => (JsonNode)name)];

    private static JsonObject Mount(string type, string source, string destination) => new() { ["type"] = type, ["source"] = source, ["destination"] = destination };

    private async Task CommandAsync(params string[] arguments)
    {
        using var command = Process.Start(new ProcessStartInfo(_runsc, [.. Flags(_folder), .. arguments])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var errors = await command.StandardError.ReadToEndAsync(AgentOnHost.Within());
        await command.WaitForExitAsync(AgentOnHost.Within());
        Assert.True(command.ExitCode == 0, $"runsc {string.Join(' ', arguments)}: {errors}");
    }
}
