namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>What stands in <c>files.json</c> beside <c>files.tar</c>: the files that a session had changed.</summary>
/// <param name="Format">Format of the folder.</param>
/// <param name="Image">The image's name.</param>
/// <param name="Digest">The image's digest: what was deleted is only deleted again where it is the same.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Tar">The archive, with what is checked of it.</param>
public sealed record FilesArchive(int Format, string Image, string Digest, DateTimeOffset Created, CheckpointFile Tar)
{
    /// <summary>The format that this build writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The archive's name.</summary>
    public const string TarFile = "files.tar";

    /// <summary>The name of what describes it.</summary>
    public const string MetadataFile = "files.json";
}
