using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>
/// Prepared sandboxes as snapshots in the cache, by all that they depend on. The first sandbox of a kind is booted and restored twice, and what
/// took less is what all later ones do, also those of other processes.
/// </summary>
internal sealed class SandboxTemplates(CheckpointPlace place, SandboxSuspender suspender, SandboxOptions options, TimeProvider time)
{
    private const string ChoiceFile = "choice.json";
    private readonly string _folder = Path.Combine(options.CacheFolder, "templates");
    private readonly ConcurrentDictionary<string, OpenCheckpoint?> _known = new(StringComparer.Ordinal);

    /// <summary>Whether sandboxes of <paramref name="shape"/> may start from a snapshot: what stands ready in them must be told, for clones draw the same random numbers.</summary>
    public bool Serves(SandboxImage image, BootShape shape) =>
        image.PackedRoot is not null && options.SnapshotLanguages.Contains(shape.Kind.Language) && WorkerCommands.For(shape) is not null;

    /// <summary>The snapshot to start from, or null to boot.</summary>
    public async Task<OpenCheckpoint?> FindAsync(SandboxImage image, BootShape shape, Func<OpenCheckpoint?, Task<(WarmSandbox Sandbox, TimeSpan Took)>> start, CancellationToken cancellationToken)
    {
        var name = await NameAsync(image, shape);
        if (_known.TryGetValue(name, out var known))
        {
            return known;
        }

        var folder = Path.Combine(_folder, name);
        using var held = await CacheLock.TakeAsync(folder + ".lock", time, cancellationToken);
        if (!_known.TryGetValue(name, out known))
        {
            known = Open(folder) ?? await MakeAsync(folder, start, cancellationToken);
            _known[name] = known = Choice(folder) is { Restores: true } ? known : null;
        }

        return known;
    }

    /// <summary>For a snapshot that could not be restored: this process boots from here on.</summary>
    public void Forget(OpenCheckpoint open) => _known[Path.GetFileName(open.Folder)] = null;

    private async Task<OpenCheckpoint?> MakeAsync(string folder, Func<OpenCheckpoint?, Task<(WarmSandbox Sandbox, TimeSpan Took)>> start, CancellationToken cancellationToken)
    {
        RemoveFormer(folder);
        var (sandbox, boot) = await start(null);
        await using (sandbox)
        {
            var half = folder + ".half";
            Mounts.DeleteFolder(half);
            Directory.CreateDirectory(_folder);
            var written = await suspender.SuspendAsync(sandbox, new LeaseTerms(null, new FunctionLimits { MemoryMiB = sandbox.Shape.MemoryMiB, Processes = sandbox.Shape.Processes }, []), folder, half, cancellationToken);
            await Task.Run(written.Publish, CancellationToken.None);
        }

        if (Open(folder) is not { } open)
        {
            return null;
        }

        var restore = await TimeAsync(start, open);
        boot = Lesser(boot, await TimeAsync(start, null));
        restore = Lesser(restore, await TimeAsync(start, open));
        var choice = new TemplateChoice(boot.TotalMilliseconds, restore.TotalMilliseconds);
        await File.WriteAllBytesAsync(Path.Combine(folder, ChoiceFile), JsonSerializer.SerializeToUtf8Bytes(choice, TemplateJson.Default.TemplateChoice), cancellationToken);
        return open;
    }

    private static async Task<TimeSpan> TimeAsync(Func<OpenCheckpoint?, Task<(WarmSandbox Sandbox, TimeSpan Took)>> start, OpenCheckpoint? open)
    {
        var (sandbox, took) = await start(open);
        await sandbox.DisposeAsync();
        return took;
    }

    private static TimeSpan Lesser(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static OpenCheckpoint? Open(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new OpenCheckpoint(folder, CheckpointFolder.Read(folder), [], []) : null;
        }
        catch (FunctionFaultException)
        {
            // Cut off or of another format: made anew.
            Mounts.DeleteFolder(folder);
            return null;
        }
    }

    private static TemplateChoice? Choice(string folder)
    {
        try
        {
            var file = Path.Combine(folder, ChoiceFile);
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), TemplateJson.Default.TemplateChoice) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Of the same image and shape with other content: what an upgrade leaves. Who still restores from one boots instead.
    private void RemoveFormer(string folder)
    {
        var name = Path.GetFileName(folder);
        foreach (var former in Directory.Exists(_folder) ? Directory.EnumerateDirectories(_folder, name[..(name.LastIndexOf('-') + 1)] + "*").ToList() : [])
        {
            Mounts.DeleteFolder(former);
        }
    }

    private async Task<string> NameAsync(SandboxImage image, BootShape shape)
    {
        var host = await place.HostAsync();
        var content = $"{SandboxCheckpoint.CurrentFormat} {SandboxProxies.Form} {image.Digest} {Path.GetFileName(image.PackedRoot)} {host.RunscDigest} {host.Platform} {host.Channel} {string.Join(',', host.CpuFlags)}"
            + (image.BindsTools ? $" {host.Dotnet} {place.ToolsDigest}" : "");
        return $"{shape.Kind.Image}-{Short(shape.ToString())}-{Short(content)}";
    }

    private static string Short(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
