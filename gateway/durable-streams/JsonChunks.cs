using System.Text.Json;

using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Streams;

/// <summary>Chunks of streams of JSON: values with commas between them, so that chunks can be put together without reading them again.</summary>
internal static class JsonChunks
{
    private const string MediaType = "application/json";
    private static readonly JsonReaderOptions s_strict = new() { MaxDepth = 512 };

    /// <summary>Whether a stream's chunks are JSON.</summary>
    public static bool Is(string contentType) => StreamRules.MediaType(contentType) == MediaType;

    /// <summary>A body as a chunk: one level of an array is taken off. Null where it is no JSON; empty where it is an empty array.</summary>
    public static ReadOnlyMemory<byte>? Flatten(ReadOnlyMemory<byte> body)
    {
        try
        {
            var values = Values(body.Span);
            return values.Count == 0 ? ReadOnlyMemory<byte>.Empty : Join(body.Span, values, values.Count);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The first values of a chunk of JSON, the first bytes of any other; false where it has not so many.</summary>
    public static bool TryCut(ReadOnlyMemory<byte> chunk, long count, bool isJson, out ReadOnlyMemory<byte> cut)
    {
        if (!isJson)
        {
            cut = chunk[..(int)Math.Min(count, chunk.Length)];
            return count <= chunk.Length;
        }

        var body = Array([new StreamChunk(default, chunk)]);
        var values = Values(body);
        cut = count <= values.Count ? Join(body, values, (int)count) : default(ReadOnlyMemory<byte>);
        return count <= values.Count;
    }

    /// <summary>Chunks as one array.</summary>
    public static byte[] Array(IReadOnlyList<StreamChunk> chunks)
    {
        var array = new byte[2 + chunks.Sum(c => c.Data.Length) + Math.Max(0, chunks.Count - 1)];
        array[0] = (byte)'[';
        var at = 1;
        foreach (var chunk in chunks)
        {
            if (at > 1)
            {
                array[at++] = (byte)',';
            }

            chunk.Data.Span.CopyTo(array.AsSpan(at));
            at += chunk.Data.Length;
        }

        array[at] = (byte)']';
        return array;
    }

    private static List<(int Start, int End)> Values(ReadOnlySpan<byte> body)
    {
        var values = new List<(int Start, int End)>();
        var reader = new Utf8JsonReader(body, s_strict);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                values.Add(Value(ref reader));
            }
        }
        else
        {
            values.Add(Value(ref reader));
        }

        // What follows the value, other than white space, is an error.
        while (reader.Read())
        {
        }

        return values;
    }

    private static (int Start, int End) Value(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return (start, (int)reader.BytesConsumed);
    }

    private static byte[] Join(ReadOnlySpan<byte> body, List<(int Start, int End)> values, int count)
    {
        var chunk = new byte[values.Take(count).Sum(v => v.End - v.Start) + count - 1];
        var at = 0;
        foreach (var (start, end) in values.Take(count))
        {
            if (at > 0)
            {
                chunk[at++] = (byte)',';
            }

            body[start..end].CopyTo(chunk.AsSpan(at));
            at += end - start;
        }

        return chunk;
    }
}
