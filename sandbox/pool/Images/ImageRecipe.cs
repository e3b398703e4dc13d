namespace ToolRuntime.Sandbox.Images;

/// <summary>What an image is made of: one file of sandbox/images, with what it derives from already added.</summary>
public sealed record ImageRecipe
{
    /// <summary>The image's name: the file's name without its extension.</summary>
    public required string Name { get; init; }

    /// <summary>One line for people, of this recipe and not of what it derives from; null where it has none.</summary>
    public string? Description { get; init; }

    /// <summary>Debian packages, without recommended ones.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>npm packages.</summary>
    public IReadOnlyList<NpmPackage> Npm { get; init; } = [];

    /// <summary>Environment of every process in the sandbox.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Hosts that packages come from, beside the machine's own mirrors: what a sandbox that asks for packages may reach.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Folder of sandbox/kernels whose <c>build.sh</c>, where it has one, makes the kernel's own part of the image; null for none.</summary>
    public string? Kernel { get; init; }

    /// <summary>The root file system.</summary>
    public ImageRoot Root { get; init; }

    /// <summary>Folders of the host, by their place in the sandbox.</summary>
    public IReadOnlyDictionary<string, HostFolder> HostFolders { get; init; } = new SortedDictionary<string, HostFolder>(StringComparer.Ordinal);

    /// <summary>The whole environment that a sandbox starts with, as <c>NAME=VALUE</c>.</summary>
    internal string[] Variables() =>
    [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME=/home/user",
        .. Environment.Select(pair => $"{pair.Key}={pair.Value}"),
    ];
}
