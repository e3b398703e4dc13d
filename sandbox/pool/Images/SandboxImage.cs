namespace ToolRuntime.Sandbox.Images;

/// <summary>An image that stands ready on this machine.</summary>
/// <param name="Recipe">What it was made from.</param>
/// <param name="Digest">Lower-case hex SHA-256 over what its root file system is made of; images with equal content share it.</param>
/// <param name="RootFolder">The root file system, complete; never written.</param>
public sealed record SandboxImage(ImageRecipe Recipe, string Digest, string RootFolder)
{
    /// <summary>The same file system, with the tools at <c>/toolrt</c>, as one EROFS file; null where it is not to be used.</summary>
    public string? PackedRoot { get; init; }

    /// <summary>Whether the folder of the tools is bound into its sandboxes: where nothing is packed, or where gVisor opens the host's files in any case.</summary>
    internal bool BindsTools => PackedRoot is null || Recipe.HostFolders.Count > 0;
}
