namespace ToolRuntime.Sandbox.Protocol;

/// <summary>What a watch tells.</summary>
public static class AgentFileEventType
{
    /// <summary>It was made, or moved to here.</summary>
    public const string Create = "create";

    /// <summary>Its content changed.</summary>
    public const string Write = "write";

    /// <summary>It was removed.</summary>
    public const string Remove = "remove";

    /// <summary>It was moved away; where it went inside of the watched folder, <see cref="Create"/> of the new name follows.</summary>
    public const string Rename = "rename";

    /// <summary>Its mode, owner or times changed.</summary>
    public const string Change = "chmod";

    /// <summary>More happened than the kernel kept: some events are missing.</summary>
    public const string Overflow = "overflow";
}
