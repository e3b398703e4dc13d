using System.Buffers.Binary;
using System.Text.Json;

namespace ToolRuntime.Functions;

/// <summary>
/// The wire form of an invocation: four bytes little-endian with the length of the head, the head as JSON, then the
/// arguments untouched. The arguments are never parsed or copied on the way.
/// </summary>
public static class InvocationCodec
{
    private const int PrefixLength = 4;

    /// <summary>Writes <paramref name="invocation"/>.</summary>
    public static byte[] Encode(Invocation invocation)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(InvocationHead.From(invocation), InvocationJson.Default.InvocationHead);
        var wire = GC.AllocateUninitializedArray<byte>(PrefixLength + head.Length + invocation.Arguments.Length);
        BinaryPrimitives.WriteInt32LittleEndian(wire, head.Length);
        head.CopyTo(wire, PrefixLength);
        invocation.Arguments.Span.CopyTo(wire.AsSpan(PrefixLength + head.Length));
        return wire;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; the arguments are a slice of <paramref name="wire"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an invocation.</exception>
    public static Invocation Decode(ReadOnlyMemory<byte> wire)
    {
        if (wire.Length < PrefixLength)
        {
            throw new InvalidDataException("invocation: shorter than its prefix");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(wire.Span);
        if (length <= 0 || length > wire.Length - PrefixLength)
        {
            throw new InvalidDataException($"invocation: head length {length} does not fit {wire.Length} bytes");
        }

        try
        {
            var head = JsonSerializer.Deserialize(wire.Span.Slice(PrefixLength, length), InvocationJson.Default.InvocationHead)
                ?? throw new InvalidDataException("invocation: head is null");
            return head.ToInvocation(wire[(PrefixLength + length)..]);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("invocation: head is not valid", error);
        }
    }
}
