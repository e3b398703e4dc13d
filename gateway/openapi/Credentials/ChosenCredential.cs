using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Credentials;

/// <summary>A scheme of an operation and the credential that satisfies it.</summary>
/// <param name="SchemeName">The scheme's name in the document; empty where the document has none.</param>
/// <param name="Scheme">The scheme.</param>
/// <param name="Scopes">The scopes that the operation asks for.</param>
/// <param name="Credential">The credential.</param>
public sealed record ChosenCredential(string SchemeName, ApiSecurityScheme Scheme, IReadOnlyList<string> Scopes, ApiCredential Credential);
