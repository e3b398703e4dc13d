using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>A tool as <c>tools/list</c> shows it, written once per shape.</summary>
public sealed class ToolListing
{
    private static readonly IReadOnlyDictionary<string, JsonElement> s_none = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
    private readonly byte[] _full;
    private readonly byte[] _objectOutput;
    private readonly byte[] _noOutput;

    /// <summary>Writes all shapes of <paramref name="tool"/>.</summary>
    public ToolListing(ToolDefinition tool)
    {
        var output = OutputSchemas.Wrap(tool.OutputSchema);
        WrapsOutput = output.Wraps;
        _full = Write(tool, tool.OutputSchema);
        _objectOutput = output.Wraps || output.Schema is null != tool.OutputSchema is null ? Write(tool, output.Schema) : _full;
        _noOutput = tool.OutputSchema is null ? _full : Write(tool, null);
    }

    /// <summary>Whether clients that need objects get the value as <c>{"result": value}</c>.</summary>
    public bool WrapsOutput { get; }

    /// <summary>The MCP Tool object for <paramref name="shape"/>.</summary>
    public ReadOnlySpan<byte> For(ToolShape shape) => shape switch
    {
        ToolShape.Full => _full,
        ToolShape.ObjectOutput => _objectOutput,
        _ => _noOutput,
    };

    private static byte[] Write(ToolDefinition tool, JsonElement? output)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, tool.Name);
            if (tool.Title is not null)
            {
                writer.WriteString("title"u8, tool.Title);
            }

            writer.WriteString("description"u8, tool.Description.Length > 0 ? tool.Description : tool.Name);
            Schema(writer, "inputSchema", tool.InputSchema);
            Schema(writer, "outputSchema", output);
            Schema(writer, "annotations", tool.Annotations);
            Schema(writer, "_meta", tool.Meta);
            foreach (var (name, value) in tool.Others ?? s_none)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }

    private static void Schema(Utf8JsonWriter writer, string name, JsonElement? value)
    {
        if (value is { ValueKind: not JsonValueKind.Undefined and not JsonValueKind.Null } element)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(element.GetRawText(), skipInputValidation: true);
        }
    }
}
