using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The framing of requests and replies: <c>u32 length</c>, little-endian, then JSON.</summary>
public static class MessageFraming
{
    /// <summary>Largest message, bytes of JSON.</summary>
    public const int Maximum = 1024 * 1024;

    /// <summary>A message with its length before it.</summary>
    /// <exception cref="InvalidDataException">It is larger than <see cref="Maximum"/>.</exception>
    public static byte[] Encode<T>(T message, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        if (json.Length > Maximum)
        {
            throw new InvalidDataException($"A message of {json.Length} bytes; at most {Maximum} are allowed.");
        }

        var framed = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, json.Length);
        json.CopyTo(framed, 4);
        return framed;
    }

    /// <summary>Reads the length.</summary>
    /// <exception cref="InvalidDataException">It is larger than <see cref="Maximum"/>.</exception>
    public static int ReadLength(ReadOnlySpan<byte> prefix)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        return length <= Maximum
            ? (int)length
            : throw new InvalidDataException($"A message of {length} bytes; at most {Maximum} are allowed.");
    }

    /// <summary>Reads the JSON of a message.</summary>
    /// <exception cref="InvalidDataException">It is not what was expected.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException("A message that is null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"A message that is not understood: {error.Message}", error);
        }
    }
}
