using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>An operation as a tool. Schemas are written at first use and kept.</summary>
public sealed class ApiTool
{
    private readonly Lazy<ReadOnlyMemory<byte>> _input;
    private readonly Lazy<ReadOnlyMemory<byte>?> _output;

    /// <summary>A tool whose schemas are written when somebody asks.</summary>
    public ApiTool(ApiOperation operation, Func<ReadOnlyMemory<byte>> input, Func<ReadOnlyMemory<byte>?> output)
    {
        Operation = operation;
        _input = new Lazy<ReadOnlyMemory<byte>>(input);
        _output = new Lazy<ReadOnlyMemory<byte>?>(output);
    }

    internal ApiTool(ApiOperation operation, ToolSchemas schemas)
        : this(operation, () => schemas.Input(SchemaDialect.Strict202012), () => schemas.Output(SchemaDialect.Strict202012))
    {
        Schemas = schemas;
    }

    /// <summary>The operation.</summary>
    public ApiOperation Operation { get; }

    /// <summary>The tool's name: 1 to 64 of <c>[A-Za-z0-9_-]</c>, the source's prefix counted in.</summary>
    public required string Name { get; init; }

    /// <summary>A title for people; empty for none.</summary>
    public string Title { get; init; } = "";

    /// <summary>What the tool does, for the model: sanitised, bounded.</summary>
    public required string Description { get; init; }

    /// <summary>MCP annotations as JSON: <c>readOnlyHint</c>, <c>destructiveHint</c>, <c>idempotentHint</c>, <c>openWorldHint</c>.</summary>
    public required ReadOnlyMemory<byte> Annotations { get; init; }

    /// <summary>Where each argument goes. Every property of the input schema has exactly one binding.</summary>
    public required IReadOnlyList<ArgumentBinding> Bindings { get; init; }

    /// <summary>The body's media type that requests use (one of the operation's), or null where there is no body.</summary>
    public ApiMedia? BodyMedia { get; init; }

    /// <summary>JSON Schema 2020-12 of the arguments, UTF-8; always an object schema.</summary>
    public ReadOnlyMemory<byte> InputSchema => _input.Value;

    /// <summary>JSON Schema 2020-12 of the success value, UTF-8, or null.</summary>
    public ReadOnlyMemory<byte>? OutputSchema => _output.Value;

    /// <summary>What the schemas are written from; null where they were given ready.</summary>
    internal ToolSchemas? Schemas { get; }

    /// <summary>The arguments' schema in a dialect; written anew each time, except in the first of them.</summary>
    public ReadOnlyMemory<byte> InputSchemaIn(SchemaDialect dialect) =>
        Schemas is null || dialect == SchemaDialect.Strict202012 ? InputSchema : Schemas.Input(dialect);

    /// <summary>The part of a schema that was cut for length, as a schema of its own within the same budget.</summary>
    /// <param name="pointer">What stands under <c>x-truncated</c> in a schema of this tool, or in a part that this gave.</param>
    /// <param name="dialect">The dialect to write.</param>
    /// <returns>The part, which may have marks itself; null where the pointer leads nowhere.</returns>
    public ReadOnlyMemory<byte>? Expand(string pointer, SchemaDialect dialect) => Schemas?.Expand(pointer, dialect);
}
