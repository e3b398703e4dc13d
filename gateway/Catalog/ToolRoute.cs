using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Schemas;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>Where a tool name leads: step 2 of the way of a call.</summary>
public sealed class ToolRoute
{
    private readonly Lazy<JsonSchema> _input;
    private readonly Lazy<ToolListing> _listing;
    private readonly ToolListing?[] _inDialects = new ToolListing?[SchemaDialect.All.Length];

    /// <summary>A route to one tool of a version.</summary>
    public ToolRoute(FunctionVersion version, ToolDefinition tool)
    {
        Version = version;
        Tool = tool;
        _listing = new Lazy<ToolListing>(() => new ToolListing(tool));
        Tasks = TaskSupports.Of(tool);
        HeaderParameters = HeaderParameter.Find(tool.InputSchema);
        _input = new Lazy<JsonSchema>(() => JsonSchema.Compile(tool.InputSchema));
    }

    /// <summary>The version that runs it.</summary>
    public FunctionVersion Version { get; }

    /// <summary>The tool.</summary>
    public ToolDefinition Tool { get; }

    /// <summary>How lists show it; written at first use.</summary>
    public ToolListing Listing => _listing.Value;

    /// <summary>How lists show it to a client whose model takes less than JSON Schema; as to all others where its schema is not ours to write.</summary>
    public ToolListing ListingIn(SchemaDialect dialect)
    {
        if (InDialect is not { } write || dialect == SchemaDialect.Strict202012)
        {
            return Listing;
        }

        // Two that come at once write the same.
        ref var kept = ref _inDialects[SchemaDialect.All.IndexOf(dialect)];
        return kept ??= new ToolListing(write(dialect));
    }

    /// <summary>Writes the tool in a dialect, or null.</summary>
    public Func<SchemaDialect, ToolDefinition>? InDialect { get; init; }

    /// <summary>Where it leads in an HTTP API, or null for functions and MCP servers.</summary>
    public ApiTarget? Api { get; init; }

    /// <summary>What the gateway itself does for it, or null.</summary>
    public OwnTool? Own { get; init; }

    /// <summary>Arguments that clients mirror in headers (2026-07-28, <c>x-mcp-header</c>).</summary>
    public IReadOnlyList<HeaderParameter> HeaderParameters { get; }

    /// <summary>The compiled input schema; compiled at first use.</summary>
    public JsonSchema Input => _input.Value;

    /// <summary>Whether a call becomes a task of a client that knows them; only where a job can be made of it.</summary>
    public TaskSupport Tasks { get => CanBeJob ? field : TaskSupport.None; }

    /// <summary>Whether a call goes through the queue, and so can go on without anybody who waits.</summary>
    public bool CanBeJob => Own is null && !IsMcpServer && Api is null or { Verb: ApiVerb.Script };

    /// <summary>Whether the tool belongs to an MCP server rather than to a function.</summary>
    public bool IsMcpServer => Version.Manifest.Language == FunctionLanguage.Mcp;
}
