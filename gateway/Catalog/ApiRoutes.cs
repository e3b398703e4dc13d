using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.OpenApi.Schemas;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>
/// The routes of one API. A small one lists its operations; a large one lists tools to search, describe and call them, and its operations
/// become routes when somebody calls them by name.
/// </summary>
internal sealed class ApiRoutes
{
    private readonly ServedApi _source;
    private readonly ConcurrentDictionary<string, ToolRoute> _called = new(StringComparer.Ordinal);

    public ApiRoutes(ServedApi source)
    {
        _source = source;
        Listed = [.. source.IsLarge ? [] : source.Tools.Select(Route), .. source.Verbs.Select(v => Route(v.Verb, v.Tool))];
    }

    /// <summary>What lists show.</summary>
    public ImmutableArray<ToolRoute> Listed { get; }

    /// <summary>The route of an operation that lists do not show, or null.</summary>
    public ToolRoute? Find(string name)
    {
        if (!_source.IsLarge || _source.Find(name) is not { } tool)
        {
            return null;
        }

        return _called.GetOrAdd(name, static (_, state) => state.Routes.Route(state.Tool), (Routes: this, Tool: tool));
    }

    private ToolRoute Route(ApiVerb verb, ToolDefinition tool) =>
        new(verb == ApiVerb.Script ? ScriptFunction.Of(_source.Version, tool) : _source.Version, tool) { Api = new ApiTarget(_source, verb, null) };

    private ToolRoute Route(ApiTool tool)
    {
        var definition = Definition(tool);
        return new(_source.Version, definition)
        {
            Api = new ApiTarget(_source, ApiVerb.Operation, tool),
            InDialect = dialect => definition with { InputSchema = Input(tool, dialect), OutputSchema = null },
        };
    }

    private static ToolDefinition Definition(ApiTool tool) => new()
    {
        Name = tool.Name,
        Title = tool.Title.Length == 0 ? null : tool.Title,
        Description = tool.Description,
        InputSchema = Input(tool, SchemaDialect.Strict202012),
        OutputSchema = tool.OutputSchema is { } output ? OutputSchemas.Advisory(output.Span) : null,
        Annotations = JsonElement.Parse(tool.Annotations.Span),
    };

    /// <summary>The structured mode has every property required, so what is no argument of the operation is left out there.</summary>
    private static JsonElement Input(ApiTool tool, SchemaDialect dialect)
    {
        var schema = JsonElement.Parse(tool.InputSchemaIn(dialect).Span);
        return ApiSelection.IsTakenBy(tool) && dialect != SchemaDialect.OpenAiStrict ? ApiSelection.AddTo(schema) : schema;
    }
}
