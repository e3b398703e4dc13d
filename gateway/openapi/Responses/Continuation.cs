namespace ToolRuntime.OpenApi.Responses;

/// <summary>An answer that was too large to be shown whole.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="KeptAt">Since when it is kept.</param>
public sealed record Continuation(string Owner, ReadOnlyMemory<byte> Bytes, string MediaType, DateTimeOffset KeptAt);
