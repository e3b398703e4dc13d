using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>This machine as checkpoints see it: what they depend on, and where their roots lie.</summary>
internal sealed class CheckpointPlace
{
    private readonly WorkLayout _layout;
    private readonly KeptRoots _kept;
    private readonly Lock _gate = new();
    private readonly Lazy<Task<CheckpointHost>> _host;
    private readonly Lazy<string> _tools;

    /// <summary>The place of the sandboxes of <paramref name="backend"/>.</summary>
    public CheckpointPlace(RunscBackend backend)
    {
        _layout = backend.Layout;
        _kept = new KeptRoots(_layout.KeptRoots);
        _host = new Lazy<Task<CheckpointHost>>(() => DescribeAsync(backend));
        _tools = new Lazy<string>(() => ToolsFolder.DigestOf(_layout.Tools));
        _kept.Collect();
    }

    /// <summary>What checkpoints depend on here.</summary>
    public Task<CheckpointHost> HostAsync() => _host.Value;

    /// <summary>Digest of the tools that are bound into sandboxes here.</summary>
    public string ToolsDigest => _tools.Value;

    /// <summary>Where the checkpoint of one sandbox is made.</summary>
    public string HalfOf(string id) => Path.Combine(_layout.HalfCheckpoints, id);

    /// <summary>Keeps in <paramref name="folder"/> what a sandbox of <paramref name="launch"/> reads from the host, and describes it.</summary>
    /// <exception cref="IOException">There is no room, or the root is gone.</exception>
    public CheckpointRoot Keep(RunscLaunch launch, string folder)
    {
        var image = launch.Image;
        var packed = image.PackedRoot!;
        var tools = ToolsOf(packed);
        _kept.Keep(packed, Path.Combine(folder, CheckpointFolder.RootFile), RootName(image.Digest, tools));
        if (image.BindsTools)
        {
            KeptRoots.KeepFolder(launch.ToolsFolder ?? _layout.Tools, Path.Combine(folder, CheckpointFolder.ToolsFolder));
        }

        return new CheckpointRoot(image.Digest, tools, new FileInfo(packed).Length, image.Recipe.Root)
        {
            HostFolders = image.Recipe.HostFolders,
            BoundTools = image.BindsTools ? (launch.ToolsFolder is { } other ? ToolsFolder.DigestOf(other) : _tools.Value) : null,
        };
    }

    /// <summary>The image that a checkpoint's sandbox runs, with its root and tools kept until this instance ends, whatever becomes of the checkpoint.</summary>
    /// <exception cref="IOException">The root is missing or not what it was.</exception>
    public (SandboxImage Image, string? Tools) Provide(string folder, SandboxCheckpoint checkpoint)
    {
        var root = checkpoint.Root;
        lock (_gate)
        {
            var packed = Path.Combine(_layout.Roots, RootName(root.Digest, root.Tools));
            if (!File.Exists(packed))
            {
                Directory.CreateDirectory(_layout.Roots);
                _kept.Keep(Path.Combine(folder, CheckpointFolder.RootFile), packed, Path.GetFileName(packed));
            }

            if (new FileInfo(packed).Length is var length && length != root.Length)
            {
                File.Delete(packed);
                throw new IOException($"{CheckpointFolder.RootFile} has {length} bytes, not {root.Length}");
            }

            var empty = Path.Combine(_layout.Roots, "empty");
            Directory.CreateDirectory(empty);
            var recipe = new ImageRecipe { Name = checkpoint.Shape.Image, Root = root.Kind, HostFolders = root.HostFolders };
            return (new SandboxImage(recipe, root.Digest, empty) { PackedRoot = packed }, ProvideTools(folder, root));
        }
    }

    private string? ProvideTools(string folder, CheckpointRoot root)
    {
        if (root.BoundTools is null || root.BoundTools == _tools.Value)
        {
            return null;
        }

        var tools = Path.Combine(_layout.Roots, "tools-" + root.BoundTools);
        if (!Directory.Exists(tools))
        {
            var half = tools + ".half";
            Mounts.DeleteFolder(half);
            KeptRoots.KeepFolder(Path.Combine(folder, CheckpointFolder.ToolsFolder), half);
            Directory.Move(half, tools);
        }

        return tools;
    }

    private static string ToolsOf(string packedRoot)
    {
        var name = Path.GetFileNameWithoutExtension(packedRoot);
        return name[(name.LastIndexOf('-') + 1)..];
    }

    private static string RootName(string digest, string tools) => $"{digest}-{tools}.erofs";

    private static async Task<CheckpointHost> DescribeAsync(RunscBackend backend) => new(
        backend.Binary.Release,
        await backend.Binary.DigestAsync(CancellationToken.None),
        backend.Platform,
        ChannelHandshake.Version,
        RuntimeInformation.ProcessArchitecture.ToString(),
        CpuFlags.Read(await File.ReadAllTextAsync("/proc/cpuinfo")))
    {
        Dotnet = RuntimeInformation.FrameworkDescription,
    };
}
