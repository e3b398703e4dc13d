using System.Globalization;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Docker.Engine;

namespace ToolRuntime.Sandbox.Docker;

/// <summary>Starts sandboxes as containers of a Docker Engine: the image is anybody's, agent and kernels are bound into it.</summary>
internal sealed class DockerBackend : IAsyncDisposable
{
    /// <summary>What names of images begin with that are the engine's.</summary>
    public const string ImagePrefix = "docker:";

    private const string OwnerLabel = "toolruntime.instance";
    private const long OpenFiles = 65_536;
    private const int CpuScale = 1_000_000;
    private static readonly string[] s_shared = ["runc", "io.containerd.runc.v2", "crun"];

    // SETPCAP beside what the agent needs elsewhere: an engine gives a bounding set, which the agent takes from its children.
    private static readonly string[] s_capabilities = ["SETUID", "SETGID", "SETPCAP", "KILL", "CHOWN", "FOWNER", "DAC_OVERRIDE"];
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(30);
    private readonly DockerClient _client;
    private readonly DockerOptions _options;
    private readonly string _tools;
    private readonly string _instance;

    private DockerBackend(DockerClient client, DockerOptions options, string tools, string instance) => (_client, _options, _tools, _instance) = (client, options, tools, instance);

    /// <summary>Checks the engine and its runtime, and removes what a crashed instance left there.</summary>
    /// <param name="options">Which engine.</param>
    /// <param name="toolsFolder">The folder that sandboxes see at <c>/toolrt</c>.</param>
    /// <param name="instance">Names this instance among those of the engine.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SandboxSetupException">The engine cannot be reached, or its runtime is missing or too weak.</exception>
    public static async Task<DockerBackend> StartAsync(DockerOptions options, string toolsFolder, string instance, CancellationToken cancellationToken)
    {
        if (Refusal(options) is { } weak)
        {
            throw weak;
        }

        var client = new DockerClientConfiguration(options.Socket).CreateClient();
        try
        {
            var info = await client.System.GetSystemInfoAsync(cancellationToken);
            if (info.Runtimes?.ContainsKey(options.Runtime) != true)
            {
                throw new SandboxSetupException(
                    $"the Docker Engine at {options.Socket} has no runtime '{options.Runtime}', only {string.Join(", ", info.Runtimes?.Keys ?? [])}",
                    "add it to the engine's daemon.json (docs/sandboxes.md shows how), or name another in toolruntime.docker.runtime");
            }

            var backend = new DockerBackend(client, options, toolsFolder, instance);
            await backend.SweepAsync(cancellationToken);
            return backend;
        }
        catch (DockerApiException error)
        {
            client.Dispose();
            throw new SandboxSetupException($"the Docker Engine cannot be used: {error.Message}", "start it, or name its socket in toolruntime.docker.socket", error);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Why a runtime is not to be used, or null. Pure.</summary>
    internal static SandboxSetupException? Refusal(DockerOptions options) => s_shared.Contains(options.Runtime, StringComparer.Ordinal) && !options.AllowsRunc
        ? new SandboxSetupException(
            $"the Docker runtime '{options.Runtime}' shares the host's kernel with what runs in it",
            "use runsc or kata; or set toolruntime.docker.allowRunc, for code that you trust")
        : null;

    /// <summary>Starts a container of an image that the engine has; its agent can be spoken to.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound: the engine does not have the image. SandboxLost: it refused.</exception>
    public async Task<DockerSandbox> BootAsync(string image, CgroupLimits limits, int scratchMiB, CancellationToken cancellationToken)
    {
        var name = image[ImagePrefix.Length..];
        var found = await _client.Images.InspectImageAsync(name, cancellationToken)
            ?? throw new FunctionFaultException(FaultCode.SandboxNotFound, $"the Docker Engine has no image '{name}'", $"docker pull {name}, or docker load an archive of it");

        var id = Ids.New();
        string? container = null;
        try
        {
            container = await _client.Containers.CreateContainerAsync($"toolrt-{id}", ContainerOf(name, limits, scratchMiB), cancellationToken);

            // Attached before its first instruction, or what the agent says first would be lost.
            var stream = await _client.Containers.AttachContainerAsync(container, cancellationToken);
            var sandbox = new DockerSandbox(id, container, stream, _client.Containers) { Image = (image, found.Id) };
            await _client.Containers.StartContainerAsync(container, cancellationToken);
            return sandbox;
        }
        catch (DockerApiException error)
        {
            await RemoveAsync(container);
            throw new FunctionFaultException(new FunctionFault(FaultCode.SandboxLost, $"the Docker Engine could not start '{name}': {error.Message}", "run toolrt doctor"), error);
        }
        catch
        {
            await RemoveAsync(container);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(s_end);
            await SweepAsync(deadline.Token);
        }
        catch (DockerApiException)
        {
            // An engine that is gone has no containers either; the next start sweeps again.
            return;
        }
        finally
        {
            _client.Dispose();
        }
    }

    private CreateContainerParameters ContainerOf(string image, CgroupLimits limits, int scratchMiB) => new()
    {
        Image = image,
        Entrypoint = ["/toolrt/agent"],
        User = "0:0",
        WorkingDir = "/",
        Hostname = "sandbox",
        Labels = new Dictionary<string, string>(StringComparer.Ordinal) { [OwnerLabel] = _instance },
        OpenStdin = true,
        StdinOnce = true,
        AttachStdin = true,
        AttachStdout = true,
        AttachStderr = true,
        NetworkDisabled = true,
        HostConfig = new HostConfig
        {
            Runtime = _options.Runtime,
            Binds = [$"{_tools}:/toolrt:ro"],

            // The channel is the container's standard output: a log of it would fill the disk.
            LogConfig = new LogConfig("none"),
            Memory = limits.MemoryBytes,
            MemorySwap = limits.MemoryBytes,
            NanoCpus = (long)limits.CpuMillis * CpuScale,
            PidsLimit = limits.Processes,
            CapDrop = ["ALL"],
            CapAdd = s_capabilities,
            SecurityOpt = ["no-new-privileges"],
            Tmpfs = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["/layers"] = "rw,exec,size=4m,mode=755",
                ["/dev/shm"] = string.Create(CultureInfo.InvariantCulture, $"rw,size={scratchMiB}m,mode=1777"),
            },
            Ulimits = [new Ulimit("nofile", OpenFiles, OpenFiles), new Ulimit("core", 0, 0)],
        },
    };

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var left in await _client.Containers.ListContainersAsync($"{OwnerLabel}={_instance}", cancellationToken))
        {
            await _client.Containers.RemoveContainerAsync(left.Id, cancellationToken);
        }
    }

    private async Task RemoveAsync(string? container)
    {
        if (container is not null)
        {
            using var deadline = new CancellationTokenSource(s_end);
            await _client.Containers.RemoveContainerAsync(container, deadline.Token);
        }
    }
}
