namespace ToolRuntime.E2b.Envd;

/// <summary>Requests of <c>filesystem.Filesystem</c>; which members count depends on the method.</summary>
internal sealed record FilesystemBody
{
    public string? Path { get; init; }

    public string? Source { get; init; }

    public string? Destination { get; init; }

    public int? Depth { get; init; }

    public bool Recursive { get; init; }

    public bool IncludeEntry { get; init; }

    public string? WatcherId { get; init; }
}
