using System.Globalization;
using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Archives;

/// <summary>What an archive says of an image: how its containers start, as sandboxes do. Nothing in it changes while the image does not.</summary>
internal sealed class ImageDescription(SandboxImage image, string tag)
{
    // Of the user that processes of a sandbox run as; a number can be checked without looking into the image.
    private const string User = "1000:1000";
    private const string Home = "/home/user";
    private readonly Platform _platform = new(ArchitectureOf(RuntimeInformation.OSArchitecture), "linux");

    /// <summary>The name that the image has once it is loaded.</summary>
    public string Reference => $"toolrt/{image.Recipe.Name}:{tag}";

    /// <summary>The word of registries for a processor. Pure.</summary>
    public static string ArchitectureOf(Architecture architecture) => architecture switch
    {
        Architecture.X64 => "amd64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Its configuration with these layers, each with where it comes from.</summary>
    public ImageConfiguration Configuration(IReadOnlyList<(LayerFile File, string Origin)> layers)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(FileStatus.Of(image.RootFolder).Modified).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new ImageConfiguration(
            created,
            _platform.Architecture,
            _platform.System,
            new ContainerDefaults(User, image.Recipe.Variables(), ["/bin/bash"], Home, Labels()),
            new LayerList("layers", [.. layers.Select(layer => layer.File.Difference)]),
            [.. layers.Select(layer => new LayerHistory(created, layer.Origin))]);
    }

    /// <summary>Its place in the index: how it is called and what it runs on.</summary>
    public Blob Named(Blob manifest) => manifest with
    {
        Platform = _platform,
        Annotations = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            // The whole name, for containerd and what is built on it, and the tag alone, as Docker 25 and later write them.
            ["io.containerd.image.name"] = "docker.io/" + Reference,
            ["org.opencontainers.image.ref.name"] = tag,
        },
    };

    private SortedDictionary<string, string> Labels()
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["org.opencontainers.image.title"] = image.Recipe.Name };
        if (image.Recipe.Description is { } description)
        {
            labels["org.opencontainers.image.description"] = description;
        }

        return labels;
    }
}
