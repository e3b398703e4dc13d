using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>Where one instance keeps what belongs to its sandboxes.</summary>
internal sealed class WorkLayout
{
    // A Unix socket's path has at most 107 bytes; runsc makes runsc-<20 characters>.sock in its state folder.
    private const int LongestState = 107 - 31;

    /// <summary>The layout below <paramref name="workFolder"/>.</summary>
    public WorkLayout(string workFolder, string? checkpoints = null)
    {
        Folder = Path.GetFullPath(workFolder).TrimEnd('/');
        Instance = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Folder)))[..12];
        var state = Path.Combine(Folder, "state");
        Checkpoints = checkpoints ?? Path.Combine(Folder, "checkpoints");
        State = state.Length <= LongestState ? state : $"/run/toolrt/{Instance}";
    }

    /// <summary>The work folder itself.</summary>
    public string Folder { get; }

    /// <summary>Name of this instance, from its folder: the same after a crash.</summary>
    public string Instance { get; }

    /// <summary>runsc's state.</summary>
    public string State { get; }

    /// <summary>Held while the instance lives.</summary>
    public string LockFile => Path.Combine(Folder, ".lock");

    /// <summary>The agent and the SDK as sandboxes see them.</summary>
    public string Tools => Path.Combine(Folder, "tools");

    /// <summary>The shared mount below which each sandbox has its folder for layers.</summary>
    public string Layers => Path.Combine(Folder, "layers");

    /// <summary>The shared mount below which each sandbox has its folder for volumes. Nothing can be written through it: it shows <see cref="VolumePoints"/>.</summary>
    public string Volumes => Path.Combine(Folder, "volumes");

    /// <summary>The folders that volumes are mounted at, as they can be made and removed.</summary>
    public string VolumePoints => Path.Combine(Folder, "volume-points");

    /// <summary>Bundles, one folder per sandbox.</summary>
    public string Bundles => Path.Combine(Folder, "bundles");

    /// <summary>Roots and tools that restored sandboxes use, whatever becomes of their checkpoints.</summary>
    public string Roots => Path.Combine(Folder, "roots");

    /// <summary>Where checkpoints are kept; what is made there begins with a dot.</summary>
    public string Checkpoints { get; }

    /// <summary>Checkpoints that are being made by this instance.</summary>
    public string HalfCheckpoints => Path.Combine(Checkpoints, $".half-{Instance}");

    /// <summary>Roots that checkpoints share, where images lie on another file system.</summary>
    public string KeptRoots => Path.Combine(Checkpoints, ".roots");

    /// <summary>The layers folder of one sandbox.</summary>
    public string LayersOf(string id) => Path.Combine(Layers, id);

    /// <summary>The volumes folder of one sandbox.</summary>
    public string VolumesOf(string id) => Path.Combine(Volumes, id);

    /// <summary>The bundle of one sandbox.</summary>
    public string BundleOf(string id) => Path.Combine(Bundles, id);

    /// <summary>The number of gVisor's own process of one sandbox, once it has started.</summary>
    public string ProcessFileOf(string id) => Path.Combine(BundleOf(id), "pid");

    /// <summary>What holds the start of one sandbox back.</summary>
    public string GateOf(string id) => Path.Combine(BundleOf(id), "log");
}
