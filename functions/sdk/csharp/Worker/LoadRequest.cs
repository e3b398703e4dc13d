using System.Text.Json;

namespace ToolRuntime.Sdk.Worker;

/// <summary>What LOAD says.</summary>
/// <param name="Root">The package's folder.</param>
/// <param name="Entry">The script, relative to it.</param>
/// <param name="Environment">Variables to set first; they hold secrets.</param>
/// <param name="Concurrency">Most calls at once.</param>
/// <param name="OutputBytes">Most bytes of printed and streamed output that a call may send.</param>
/// <param name="Inspect">Whether the tools are wanted.</param>
/// <param name="Output">Folder for the compiled script, or null.</param>
internal sealed record LoadRequest(
    string Root,
    string Entry,
    IReadOnlyDictionary<string, string> Environment,
    int Concurrency,
    long OutputBytes,
    bool Inspect,
    string? Output)
{
    private const long DefaultOutputBytes = 16 << 20;

    /// <summary>Reads a payload.</summary>
    public static LoadRequest Parse(byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        var load = document.RootElement;
        var environment = load.TryGetProperty("environment"u8, out var variables)
            ? variables.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString() ?? "", StringComparer.Ordinal)
            : [];
        return new LoadRequest(
            load.GetProperty("root"u8).GetString()!,
            load.GetProperty("entry"u8).GetString()!,
            environment,
            Math.Max(1, load.TryGetProperty("concurrency"u8, out var concurrency) ? concurrency.GetInt32() : 1),
            load.TryGetProperty("outputBytes"u8, out var bytes) ? bytes.GetInt64() : DefaultOutputBytes,
            load.TryGetProperty("inspect"u8, out var inspect) && inspect.GetBoolean(),
            load.TryGetProperty("output"u8, out var output) ? output.GetString() : null);
    }
}
