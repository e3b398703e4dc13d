using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>
/// Makes JSON small enough to be shown while it stays what it is: arrays lose items from their ends, then strings their ends. Members are never
/// left out, so that the value still has the shape that the tool promises.
/// </summary>
internal static class JsonPruner
{
    private static readonly int[] s_strings = [int.MaxValue, 4096, 512, 64];
    private static readonly JsonWriterOptions s_json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The value in at most <paramref name="maximum"/> bytes, or null where even the shortest form is longer.</summary>
    public static ReadOnlyMemory<byte>? Prune(JsonElement value, int maximum)
    {
        foreach (var longest in s_strings)
        {
            var (low, high) = (1, 1 << 20);
            if (Size(value, low, longest, maximum) > maximum)
            {
                continue;
            }

            while (low < high)
            {
                var items = low + ((high - low + 1) / 2);
                (low, high) = Size(value, items, longest, maximum) <= maximum ? (items, high) : (low, items - 1);
            }

            return Write(value, low, longest);
        }

        return null;
    }

    /// <summary>How long it would be; counting ends beyond the maximum.</summary>
    private static long Size(JsonElement value, int items, int longest, int maximum)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                var size = 2L;
                foreach (var item in value.EnumerateArray().Take(items))
                {
                    size += 1 + Size(item, items, longest, maximum);
                    if (size > maximum)
                    {
                        break;
                    }
                }

                return size;
            case JsonValueKind.Object:
                var all = 2L;
                foreach (var member in value.EnumerateObject())
                {
                    all += JsonEncodedText.Encode(member.Name, s_json.Encoder).EncodedUtf8Bytes.Length + 4 + Size(member.Value, items, longest, maximum);
                    if (all > maximum)
                    {
                        break;
                    }
                }

                return all;
            default:
                var raw = JsonMarshal.GetRawUtf8Value(value).Length;
                return value.ValueKind == JsonValueKind.String ? Math.Min(raw, longest == int.MaxValue ? raw : (6L * longest) + 8) : raw;
        }
    }

    private static ReadOnlyMemory<byte> Write(JsonElement value, int items, int longest)
    {
        using var result = new MemoryStream();
        using (var writer = new Utf8JsonWriter(result, s_json))
        {
            Write(writer, value, items, longest);
        }

        return result.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, int items, int longest)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray().Take(items))
                {
                    Write(writer, item, items, longest);
                }

                writer.WriteEndArray();
                return;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, items, longest);
                }

                writer.WriteEndObject();
                return;
            case JsonValueKind.String when JsonMarshal.GetRawUtf8Value(value).Length > longest:
                var text = Encoding.UTF8.GetBytes(value.GetString()!);
                writer.WriteStringValue(text.AsSpan(0, Utf8Cut.Length(text, longest)));
                return;
            default:
                value.WriteTo(writer);
                return;
        }
    }
}
