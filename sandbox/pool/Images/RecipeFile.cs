namespace ToolRuntime.Sandbox.Images;

/// <summary>A recipe as it stands in its file; sandbox/images/recipe.schema.json describes it.</summary>
internal sealed class RecipeFile
{
    /// <summary>Another recipe that this one adds to.</summary>
    public string? From { get; set; }

    /// <summary>One line for people.</summary>
    public string? Description { get; set; }

    /// <summary>Debian packages.</summary>
    public List<string> Packages { get; set; } = [];

    /// <summary>npm packages, each <c>name: version</c>.</summary>
    public Dictionary<string, string> Npm { get; set; } = [];

    /// <summary>Environment.</summary>
    public Dictionary<string, string> Environment { get; set; } = [];

    /// <summary>Hosts that packages come from.</summary>
    public List<string> Mirrors { get; set; } = [];

    /// <summary>A kernel that is a part of the image.</summary>
    public string? Kernel { get; set; }

    /// <summary><c>readonly</c> or <c>writable</c>.</summary>
    public string? Root { get; set; }

    /// <summary>Place in the sandbox to name of a host folder.</summary>
    public Dictionary<string, string> HostFolders { get; set; } = [];
}
