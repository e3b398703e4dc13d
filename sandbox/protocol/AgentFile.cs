namespace ToolRuntime.Sandbox.Protocol;

/// <summary>A file or folder in the sandbox.</summary>
/// <param name="Name">Its name in its folder; its path below the listed folder where the list goes deeper.</param>
/// <param name="Type"><c>file</c>, <c>folder</c>, <c>link</c> or <c>other</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="ModifiedMs">Milliseconds since 1970.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Target">Where a link leads in the end; what it says where that leads nowhere; null for what is no link.</param>
public sealed record AgentFile(string Name, string Type, long Size, int Mode, long ModifiedMs, int Uid, int Gid, string? Target = null)
{
    /// <summary>Its absolute path, under the path that was asked for.</summary>
    public string Path { get; init; } = "";

    /// <summary>Name of its owner in the sandbox, or the number of one without a name.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Name of its group in the sandbox, or the number of one without a name.</summary>
    public string Group { get; init; } = "";

    /// <summary>Nanoseconds since 1970.</summary>
    public long ModifiedNs { get; init; }

    /// <summary>Type of what a link leads to, or null where it leads nowhere.</summary>
    public string? TargetType { get; init; }

    /// <summary>Permission bits of what a link leads to.</summary>
    public int? TargetMode { get; init; }

    /// <summary>Its extended attributes <c>user.e2b.*</c>, without that prefix; null when it has none.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>When it was last read, milliseconds since 1970; in volumes only.</summary>
    public long? AccessedMs { get; init; }

    /// <summary>When it was last changed, its owner and mode included, milliseconds since 1970; in volumes only.</summary>
    public long? ChangedMs { get; init; }
}
