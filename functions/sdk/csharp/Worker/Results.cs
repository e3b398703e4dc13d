using System.Text.Json;

using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Sdk.Worker;

/// <summary>Writes what user code gives.</summary>
internal static class Results
{
    /// <summary>Writes any value as what it is at run time.</summary>
    /// <exception cref="NotJsonException">JSON cannot hold it.</exception>
    public static void WriteValue(Utf8JsonWriter json, object? value) => WriteValue(json, value, value?.GetType() ?? typeof(object));

    /// <summary>Writes a value as the type that its method declares.</summary>
    /// <exception cref="NotJsonException">JSON cannot hold it.</exception>
    public static void WriteValue(Utf8JsonWriter json, object? value, Type declared)
    {
        try
        {
            JsonSerializer.Serialize(json, value, declared, JsonContract.Options);
        }
        catch (ArgumentException error) when (error.Message.Contains("infinity", StringComparison.Ordinal))
        {
            throw new NotJsonException("it holds NaN or infinity, which JSON has no form for; return null or a string for it");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new NotJsonException(error.Message.Split(" Path:")[0].TrimEnd('.'));
        }
    }

    /// <summary>Writes the content blocks that a value is; false where it is none.</summary>
    public static bool TryWriteContent(Utf8JsonWriter json, object? value)
    {
        if (value is not (Content or IEnumerable<Content>))
        {
            return false;
        }

        json.WriteStartArray();
        foreach (var block in value is Content one ? [one] : (IEnumerable<Content>)value)
        {
            block.Block.WriteTo(json);
        }

        json.WriteEndArray();
        return true;
    }
}
