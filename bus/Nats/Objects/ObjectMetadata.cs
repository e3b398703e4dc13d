using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.Objects;

/// <summary>What is stored of an object beside its chunks; names as on the wire.</summary>
internal sealed record ObjectMetadata
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("bucket")]
    public required string Bucket { get; init; }

    [JsonPropertyName("nuid")]
    public required string Nuid { get; init; }

    [JsonPropertyName("size")]
    public required long Size { get; init; }

    [JsonPropertyName("chunks")]
    public required int Chunks { get; init; }

    /// <summary><c>SHA-256=</c> and the digest in URL-safe base64.</summary>
    [JsonPropertyName("digest")]
    public required string Digest { get; init; }

    /// <summary>When it was last committed; none where that was before this was noted.</summary>
    [JsonPropertyName("mtime")]
    public DateTimeOffset? ModifiedAt { get; init; }

    [JsonPropertyName("deleted")]
    public bool Deleted { get; init; }

    /// <summary>Member <c>sequences</c>: where the chunks lie, as ranges <c>from-to</c>, so that reading needs no scan.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
