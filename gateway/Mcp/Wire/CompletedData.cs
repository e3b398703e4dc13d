using System.Text.Json;

using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>What a completed call gave, found in one pass; members that are not there are empty.</summary>
/// <param name="Raw">The raw result of an MCP server (<c>mcp</c>).</param>
/// <param name="Value">The value (<c>value</c>).</param>
/// <param name="Content">MCP content blocks (<c>content</c>).</param>
/// <param name="Meta">MCP <c>_meta</c> of the result (<c>meta</c>).</param>
/// <param name="IsError">Whether the tool itself says that it failed (<c>isError</c>).</param>
internal readonly record struct CompletedData(ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> Meta, bool IsError)
{
    /// <summary>Reads the data of a <see cref="Functions.EventKind.Completed"/> event.</summary>
    public static CompletedData Read(ReadOnlyMemory<byte> data)
    {
        var found = default(CompletedData);
        var reader = new Utf8JsonReader(data.Span, RawJson.ReaderOptions);
        if (data.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return found;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            found = reader.ValueSpan switch
            {
                [(byte)'v', ..] when reader.ValueTextEquals("value"u8) => found with { Value = RawJson.Value(ref reader, data) },
                [(byte)'c', ..] when reader.ValueTextEquals("content"u8) => found with { Content = RawJson.Value(ref reader, data) },
                [(byte)'m', ..] when reader.ValueTextEquals("mcp"u8) => found with { Raw = RawJson.Value(ref reader, data) },
                [(byte)'m', ..] when reader.ValueTextEquals("meta"u8) => found with { Meta = RawJson.Value(ref reader, data) },
                [(byte)'i', ..] when reader.ValueTextEquals("isError"u8) => found with { IsError = RawJson.Value(ref reader, data).Span.SequenceEqual("true"u8) },
                _ => Passed(ref reader, data, found),
            };
        }

        return found;
    }

    private static CompletedData Passed(ref Utf8JsonReader reader, ReadOnlyMemory<byte> data, CompletedData found)
    {
        RawJson.Value(ref reader, data);
        return found;
    }
}
