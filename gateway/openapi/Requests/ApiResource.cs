namespace ToolRuntime.OpenApi.Requests;

/// <summary>Bytes that an argument names by URI: a file of a session, an MCP resource.</summary>
/// <param name="OpenAsync">Opens them for reading, any number of times.</param>
/// <param name="MediaType">What they are, or null where nobody knows.</param>
/// <param name="Name">Their file name, or null.</param>
/// <param name="Length">Their length in bytes, or null where only reading tells.</param>
public sealed record ApiResource(Func<CancellationToken, ValueTask<Stream>> OpenAsync, string? MediaType, string? Name, long? Length);
