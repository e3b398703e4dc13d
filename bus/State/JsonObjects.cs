using System.Text.Json;

namespace ToolRuntime.Bus.State;

/// <summary>Answers in JSON.</summary>
internal static class JsonObjects
{
    /// <summary>UTF-8 of an object with these members.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
