using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>
/// A tool called from within a running function. The runtime sends it to the gateway as the part request
/// <see cref="RequestName"/>; the identity comes from the runtime's own record of the outer invocation, never from the guest.
/// </summary>
/// <remarks>
/// The answer is the child's result: the data of its <see cref="EventKind.Completed"/> event, <c>{"value":any}</c> and/or
/// <c>{"content":[MCP block]}</c>, untouched. A failure is the request's <see cref="FunctionFault"/>. To cancel a child, the runtime
/// signals <c>Cancel</c> to <see cref="Id"/>, which it chose itself.
/// Wire form: four bytes little-endian with the length of the head, the head as JSON (this record without the arguments), then the
/// arguments untouched.
/// </remarks>
public sealed record ChildCall
{
    /// <summary>The part request that carries it.</summary>
    public const string RequestName = "gateway.call";

    /// <summary>Calls nest at most this deep, the outermost one counted as 1.</summary>
    public const int MaximumDepth = 8;

    /// <summary>Most children of one call that run at once.</summary>
    public const int MaximumInFlight = 64;

    private const int PrefixLength = 4;

    /// <summary>The child invocation's id, chosen by the runtime with <see cref="Ids.New"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The outer invocation's id.</summary>
    public required string Parent { get; init; }

    /// <summary>The outer invocation's session; the child gets its own topic in it.</summary>
    public required string Session { get; init; }

    /// <summary>Whether that session lives beyond the outer call.</summary>
    public bool SessionIsExplicit { get; init; }

    /// <summary>The outer invocation's caller; the child is decided for the same.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Tools from the outermost call to the outer one, the outer one included, outermost first.</summary>
    public required IReadOnlyList<string> Chain { get; init; }

    /// <summary>The outer call's deadline; the child's is at most that.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>W3C <c>traceparent</c> of the outer call, or null.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c> of the outer call, or null.</summary>
    public string? TraceState { get; init; }

    /// <summary>The tool to call.</summary>
    public required string Tool { get; init; }

    /// <summary>The arguments: UTF-8 of one JSON object.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>Writes the wire form.</summary>
    public byte[] Encode()
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(this, FunctionsJson.Default.ChildCall);
        var wire = GC.AllocateUninitializedArray<byte>(PrefixLength + head.Length + Arguments.Length);
        BinaryPrimitives.WriteInt32LittleEndian(wire, head.Length);
        head.CopyTo(wire, PrefixLength);
        Arguments.Span.CopyTo(wire.AsSpan(PrefixLength + head.Length));
        return wire;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; the arguments are a slice of <paramref name="wire"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a child call.</exception>
    public static ChildCall Decode(ReadOnlyMemory<byte> wire)
    {
        var length = wire.Length < PrefixLength ? -1 : BinaryPrimitives.ReadInt32LittleEndian(wire.Span);
        if (length <= 0 || length > wire.Length - PrefixLength)
        {
            throw new InvalidDataException($"child call: head length {length} does not fit {wire.Length} bytes");
        }

        try
        {
            var head = JsonSerializer.Deserialize(wire.Span.Slice(PrefixLength, length), FunctionsJson.Default.ChildCall)
                ?? throw new InvalidDataException("child call: head is null");
            return head with { Arguments = wire[(PrefixLength + length)..] };
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("child call: head is not valid", error);
        }
    }
}
