using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>A checkpoint that is being restored, once or many times: its files are compared with their sums once.</summary>
internal sealed class OpenCheckpoint
{
    private readonly Lazy<Task> _verified;

    /// <summary>The checkpoint in <paramref name="folder"/>, with the folders of its mounted layers.</summary>
    public OpenCheckpoint(string folder, SandboxCheckpoint checkpoint, IReadOnlyList<string> layerFolders, IReadOnlyList<VolumeBinding> volumes)
    {
        Volumes = volumes;
        Folder = folder;
        Checkpoint = checkpoint;
        Layers = [.. checkpoint.Layers.Zip(layerFolders, (layer, source) => (source, layer.MountName))];
        _verified = new Lazy<Task>(() => Task.Run(() => CheckpointFolder.Verify(folder, checkpoint)));
    }

    public string Folder { get; }

    public SandboxCheckpoint Checkpoint { get; }

    public IReadOnlyList<(string Source, string Name)> Layers { get; }

    public IReadOnlyList<VolumeBinding> Volumes { get; }

    public BootShape Shape
    {
        get
        {
            var kept = Checkpoint.Shape;
            return new BootShape(new PoolKind(kept.Image, kept.Language), kept.MemoryMiB, kept.Processes, kept.ScratchMiB, kept.CopiesLayers, kept.HasVolumes);
        }
    }

    /// <summary>Ends when every file was compared, which goes on while gVisor starts; faults with CheckpointRefused where one has changed.</summary>
    public Task Verified => _verified.Value;
}
