namespace ToolRuntime.Sandbox.Images;

/// <summary>An image as it stands on this machine.</summary>
/// <param name="Recipe">What it is made from.</param>
/// <param name="Digest">As in <see cref="SandboxImage"/>; images with equal ones share one root file system.</param>
/// <param name="Bytes">Bytes of the files of its root file system; null while it is not built.</param>
public sealed record ImageState(ImageRecipe Recipe, string Digest, long? Bytes)
{
    // Links are neither counted nor followed: those of a root file system lead out of it.
    private static readonly EnumerationOptions s_files = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Whether it stands ready.</summary>
    public bool IsBuilt => Bytes is not null;

    internal static long BytesIn(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", s_files).Sum(file => file.Length);
}
