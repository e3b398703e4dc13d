namespace ToolRuntime.OpenApi.Model;

/// <summary>Schemes all of which a request must satisfy; none of them: the request may go without any.</summary>
/// <param name="Schemes">Scopes by the scheme's name.</param>
public sealed record ApiSecurityRequirement(IReadOnlyDictionary<string, IReadOnlyList<string>> Schemes);
