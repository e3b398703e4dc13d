namespace ToolRuntime.Gateway.Apis;

/// <summary>How APIs are kept.</summary>
public sealed record ApiOptions
{
    /// <summary>Folder for documents that were fetched from the bus, by their digest.</summary>
    public required string CacheFolder { get; init; }
}
