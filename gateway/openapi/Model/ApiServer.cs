namespace ToolRuntime.OpenApi.Model;

/// <summary>A server that an API can be reached at.</summary>
/// <param name="Url">Absolute URL with <c>{variable}</c>s, or one relative to where the document came from.</param>
/// <param name="Variables">Its variables by name.</param>
public sealed record ApiServer(string Url, IReadOnlyDictionary<string, ApiServerVariable> Variables);
