using System.Text.Json;

namespace ToolRuntime.Sdk;

/// <summary>Small JSON values by key, of a session or a tenant.</summary>
public abstract class State
{
    /// <summary>The values that all sessions of the tenant share.</summary>
    public abstract State Tenant { get; }

    /// <summary>The value of a key, or the default of <typeparamref name="T"/> where it is not there.</summary>
    /// <exception cref="ToolException">It cannot be a key.</exception>
    /// <exception cref="JsonException">The value is no <typeparamref name="T"/>.</exception>
    public abstract Task<T?> GetAsync<T>(string key);

    /// <summary>A key's value with its revision.</summary>
    /// <exception cref="ToolException">It cannot be a key.</exception>
    public abstract Task<StateEntry> EntryAsync(string key);

    /// <summary>Keeps a value and gives its revision.</summary>
    /// <param name="key">1 to 200 of A-Z a-z 0-9 . _ - / =</param>
    /// <param name="value">Any JSON value.</param>
    /// <param name="ttl">How long it stands; null for as long as the session's or tenant's values do.</param>
    /// <param name="ifRevision">Only where the key is at this revision, 0 where it must not be there; null for any.</param>
    /// <exception cref="StateConflictException">The key is at another revision.</exception>
    /// <exception cref="ToolException">Key, value or time are out of bounds, or there are too many keys.</exception>
    public abstract Task<long> PutAsync(string key, object? value, TimeSpan? ttl = null, long? ifRevision = null);

    /// <summary>Forgets a key; false where it is not there.</summary>
    /// <exception cref="StateConflictException">The key is at another revision.</exception>
    public abstract Task<bool> DeleteAsync(string key, long? ifRevision = null);

    /// <summary>The keys that begin with <paramref name="prefix"/>, without their values.</summary>
    public abstract Task<IReadOnlyList<StateEntry>> ListAsync(string prefix = "");
}
