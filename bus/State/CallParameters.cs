using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>Members of a JSON object that somebody outside wrote; what does not fit is refused by name.</summary>
/// <param name="json">The object, or anything else where there are no members.</param>
public readonly struct CallParameters(JsonElement json)
{
    /// <summary>A text that must be there.</summary>
    /// <exception cref="FunctionFaultException">It is not there, or no text.</exception>
    public string Text(string name) => OptionalText(name) ?? throw Wrong(name, "a text is needed");

    /// <summary>A text, or null.</summary>
    /// <exception cref="FunctionFaultException">It is no text.</exception>
    public string? OptionalText(string name) => Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "it is no text");

    /// <summary>A whole number of at least 0, or null.</summary>
    /// <exception cref="FunctionFaultException">It is none.</exception>
    public ulong? Whole(string name) =>
        Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number) ? number : throw Wrong(name, "it is no whole number of at least 0");

    /// <summary>A time in seconds, or null.</summary>
    /// <exception cref="FunctionFaultException">It is no number, or above ten years.</exception>
    public TimeSpan? Seconds(string name) =>
        Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && Math.Abs(seconds) < 315_360_000 ? TimeSpan.FromSeconds(seconds)
        : throw Wrong(name, "it is no number of seconds of at most ten years");

    /// <summary>Texts; empty where there are none.</summary>
    /// <exception cref="FunctionFaultException">It is no array of texts.</exception>
    public IReadOnlyList<string> Texts(string name) =>
        Find(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
        : throw Wrong(name, "it is no array of texts");

    /// <summary>Any value that must be there, as UTF-8 of its JSON.</summary>
    /// <exception cref="FunctionFaultException">It is not there.</exception>
    public byte[] Json(string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
        ? JsonSerializer.SerializeToUtf8Bytes(value)
        : throw Wrong(name, "a value is needed");

    private JsonElement? Find(string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static FunctionFaultException Wrong(string name, string why) => new(FaultCode.InvalidArguments, $"{name}: {why}");
}
