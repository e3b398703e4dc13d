namespace ToolRuntime.OpenApi.Fetching;

/// <summary>A document that was fetched.</summary>
/// <param name="Bytes">Its bytes; empty where it has not changed.</param>
/// <param name="Location">Where it was found in the end: what its relative references and servers are resolved against.</param>
/// <param name="MediaType">What the server says it is, or null.</param>
/// <param name="ETag">By what to ask whether it has changed, or null.</param>
/// <param name="IsUnchanged">Whether it is still the one whose ETag was given.</param>
public sealed record FetchedDocument(ReadOnlyMemory<byte> Bytes, Uri Location, string? MediaType, string? ETag, bool IsUnchanged);
