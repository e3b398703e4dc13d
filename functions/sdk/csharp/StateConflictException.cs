namespace ToolRuntime.Sdk;

/// <summary>A write found its key at another revision than it expected.</summary>
/// <param name="key">The key.</param>
/// <param name="revision">Its revision, 0 where it is not there.</param>
public sealed class StateConflictException(string key, long revision) : Exception($"'{key}' is at revision {revision}")
{
    /// <summary>The key.</summary>
    public string Key => key;

    /// <summary>Its revision, 0 where it is not there.</summary>
    public long Revision => revision;
}
