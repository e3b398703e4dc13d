using System.Text.Json;

using ToolRuntime.Gateway.Apis;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>The arguments of a call of a sandbox tool; they fit the tool's schema.</summary>
internal sealed class SandboxArguments : IDisposable
{
    private readonly JsonDocument _document;

    public SandboxArguments(ApiInvocation call)
    {
        _document = JsonDocument.Parse(call.Invocation.Arguments);
        Tenant = call.Invocation.Caller.Tenant;
    }

    /// <summary>Whose.</summary>
    public string Tenant { get; }

    /// <summary>A text, or null.</summary>
    public string? Text(string name) => _document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number, or null.</summary>
    public double? Number(string name) => _document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>Whether a member is true.</summary>
    public bool Flag(string name) => _document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>Texts by name; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Texts(string name) =>
        _document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "", StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A list of texts; empty where there is none.</summary>
    public IReadOnlyList<string> List(string name) =>
        _document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => v.GetString() ?? "")] : [];

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();
}
