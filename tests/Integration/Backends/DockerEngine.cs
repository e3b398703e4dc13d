using System.Diagnostics;
using System.Text.Json;

using ToolRuntime.Sandbox.Docker;
using ToolRuntime.Sandbox.Docker.Engine;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Runsc;
using ToolRuntime.Tests.Integration.Sandbox;

namespace ToolRuntime.Tests.Integration.Backends;

/// <summary>
/// A Docker Engine of these tests alone: Debian's dockerd with gVisor as a runtime, in a folder of its own. It has one image, our base root
/// file system imported as <c>python:3.13-slim</c>, since no registry can be reached from here.
/// </summary>
public sealed class DockerEngine : IAsyncLifetime
{
    /// <summary>Its image, as pools name it.</summary>
    public const string Image = "docker:python:3.13-slim";

    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-dockerd-").FullName;
    private Process? _process;

    /// <summary>How to reach it.</summary>
    internal DockerOptions Options => new() { Socket = Socket };

    private string Socket => Path.Combine(_folder, "docker.sock");

    public async ValueTask InitializeAsync()
    {
        using var deadline = SandboxMachine.Deadline();
        var machine = SandboxMachine.OptionsIn(_folder);
        var runsc = await RunscLocator.LocateAsync(machine, TimeProvider.System, new Progress<string>(), deadline.Token);
        await File.WriteAllTextAsync(Path.Combine(_folder, "daemon.json"), Configuration(runsc.Path), deadline.Token);
        _process = Process.Start(new ProcessStartInfo("dockerd", ["--config-file", Path.Combine(_folder, "daemon.json")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var ready = new TaskCompletionSource();
        _process.ErrorDataReceived += (_, line) => Look(line.Data, ready);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await ready.Task.WaitAsync(deadline.Token);
        await ImportAsync((await ImageAsync("base", deadline.Token)).RootFolder, deadline.Token);
    }

    /// <summary>An image of ours.</summary>
    public async Task<SandboxImage> ImageAsync(string name, CancellationToken cancellationToken)
    {
        var machine = SandboxMachine.OptionsIn(_folder);
        using var images = new ImageStore(machine.RecipeFolder, machine.CacheFolder, TimeProvider.System);
        return await images.EnsureAsync(name, new Progress<string>(), cancellationToken);
    }

    /// <summary>Loads an archive into the engine, as <c>docker load</c> does.</summary>
    public async Task LoadAsync(string file, CancellationToken cancellationToken)
    {
        using var client = new DockerClientConfiguration(Socket) { DefaultTimeout = SandboxMachine.Timeout }.CreateClient();
        await using var archive = File.OpenRead(file);
        await client.Images.LoadImageAsync(archive, cancellationToken);
    }

    /// <summary>What the engine calls an image by.</summary>
    public async Task<string?> IdOfAsync(string name, CancellationToken cancellationToken)
    {
        using var client = new DockerClientConfiguration(Socket).CreateClient();
        return (await client.Images.InspectImageAsync(name, cancellationToken))?.Id;
    }

    /// <summary>Output of a shell command whose root is a folder of ours.</summary>
    public static async Task<string> InFolderAsync(string root, string command, CancellationToken cancellationToken)
    {
        using var shell = Process.Start(new ProcessStartInfo("chroot", [root, "/bin/sh", "-c", command]) { RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync(cancellationToken);
        await shell.WaitForExitAsync(cancellationToken);
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            using var stop = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        using var remove = Process.Start("rm", ["-rf", _folder]);
        await remove.WaitForExitAsync();
    }

    private string Configuration(string runsc) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["data-root"] = Path.Combine(_folder, "data"),
        ["exec-root"] = Path.Combine(_folder, "exec"),
        ["pidfile"] = Path.Combine(_folder, "pid"),
        ["hosts"] = new[] { $"unix://{Socket}" },
        ["iptables"] = false,
        ["bridge"] = "none",
        ["runtimes"] = new Dictionary<string, object> { ["runsc"] = new Dictionary<string, object> { ["path"] = runsc, ["runtimeArgs"] = new[] { "--network=none", "--ignore-cgroups" } } },
    });

    private static void Look(string? line, TaskCompletionSource ready)
    {
        if (line?.Contains("API listen on", StringComparison.Ordinal) == true)
        {
            ready.TrySetResult();
        }
        else if (line?.Contains("level=fatal", StringComparison.Ordinal) == true || line?.StartsWith("failed to", StringComparison.Ordinal) == true)
        {
            ready.TrySetException(new InvalidOperationException(line));
        }
    }

    private async Task ImportAsync(string root, CancellationToken cancellationToken)
    {
        using var client = new DockerClientConfiguration(Socket) { DefaultTimeout = SandboxMachine.Timeout }.CreateClient();
        using var tar = Process.Start(new ProcessStartInfo("tar", ["-C", root, "-c", "."]) { RedirectStandardOutput = true })!;
        await client.Images.ImportImageAsync(tar.StandardOutput.BaseStream, "python", "3.13-slim", cancellationToken);
        await tar.WaitForExitAsync(cancellationToken);
    }
}
