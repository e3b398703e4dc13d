using ToolRuntime.Functions;

namespace ToolRuntime.Sandbox.Volumes;

/// <summary>One volume on this machine. What changes it holds <see cref="Gate"/>; its holders are counted under the store's lock.</summary>
internal sealed class StoredVolume(VolumeRecord record, string folder)
{
    /// <summary>What is known of it.</summary>
    public VolumeRecord Record { get; } = record;

    /// <summary>All that belongs to it.</summary>
    public string Folder { get; } = folder;

    /// <summary>What describes it; written last, and the first to go.</summary>
    public string RecordFile => Path.Combine(Folder, "volume.json");

    /// <summary>Its files.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>Its file system, where it has a quota.</summary>
    public string Image => Path.Combine(Folder, "image");

    /// <summary>Held while it is mounted or removed.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>Whether its files can be reached.</summary>
    public bool IsMounted { get; set; }

    /// <summary>Whether it is being removed; nobody gets it any more.</summary>
    public bool IsGone { get; set; }

    /// <summary>The sandboxes that have it.</summary>
    public HashSet<string> Holders { get; } = new(StringComparer.Ordinal);
}
