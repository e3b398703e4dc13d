using System.Text.Json;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>The payload of EXECUTE.</summary>
/// <param name="Code">The cell.</param>
/// <param name="Environment">Variables for this cell alone.</param>
/// <param name="Folder">Where to go before; it stays.</param>
internal sealed record ExecuteRequest(string Code, IReadOnlyDictionary<string, string> Environment, string? Folder)
{
    /// <summary>Reads it.</summary>
    public static ExecuteRequest Parse(byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        var root = document.RootElement;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (root.TryGetProperty("env"u8, out var variables) && variables.ValueKind == JsonValueKind.Object)
        {
            foreach (var variable in variables.EnumerateObject())
            {
                environment[variable.Name] = variable.Value.GetString() ?? "";
            }
        }

        var folder = root.TryGetProperty("cwd"u8, out var cwd) && cwd.ValueKind == JsonValueKind.String ? cwd.GetString() : null;
        return new ExecuteRequest(root.GetProperty("code"u8).GetString()!, environment, folder);
    }
}
