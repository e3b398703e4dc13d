namespace ToolRuntime.Gateway.Federation;

/// <summary>A request to a server, before it has an id.</summary>
/// <param name="Method">The method.</param>
/// <param name="Parameters">Raw parameters, or empty.</param>
internal readonly record struct ServerRequest(string Method, ReadOnlyMemory<byte> Parameters)
{
    /// <summary>What the request names: a tool or prompt by the server's own name, or a resource's URI; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>Whether <see cref="Name"/> takes the place of what the parameters call <c>name</c>.</summary>
    public bool Renames { get; init; }

    /// <summary>Headers that mirror arguments, name and value, or null.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Mirrored { get; init; }
}
