using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.OpenApi.Names;

/// <summary>
/// The names that were given out, by operation (<c>GET /pets/{id}</c>): kept beside a source, so that a document that grows or is re-ordered
/// renames nothing. Operations that are gone keep their names reserved. Immutable.
/// </summary>
public sealed record NameLock
{
    /// <summary>Format of the file.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The source's prefix that is part of the names; with another prefix the file says nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Tool names, prefix and all, by <see cref="Model.ApiOperation.Key"/>.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Reads a lock file.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static NameLock Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var read = JsonSerializer.Deserialize(json, NameLockContext.Default.NameLock);
            return read is { Version: 1, Prefix: not null, Names: not null } && read.Names.All(n => n.Value is { Length: > 0 and <= OperationNames.Longest })
                ? read
                : throw new FormatException("the lock file of names has another format; remove it to name the tools anew");
        }
        catch (JsonException error)
        {
            throw new FormatException($"the lock file of names is damaged ({error.Message}); remove it to name the tools anew", error);
        }
    }

    /// <summary>The lock file's text, ordered so that it diffs well.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        this with { Names = new SortedDictionary<string, string>(Names.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal) }, NameLockContext.Default.NameLock);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(NameLock))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class NameLockContext : JsonSerializerContext;
