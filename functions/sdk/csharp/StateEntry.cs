using System.Text.Json;

namespace ToolRuntime.Sdk;

/// <summary>What stands under a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value; none in lists, and where the key is not there.</param>
/// <param name="Revision">Grows with each write; 0 where the key is not there.</param>
/// <param name="Expires">When it goes, or null.</param>
public sealed record StateEntry(string Key, JsonElement? Value, long Revision, DateTimeOffset? Expires);
