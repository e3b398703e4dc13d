using System.Text.Json;

namespace ToolRuntime.OpenApi.Model;

/// <summary>One operation: everything that a call of it needs, with path-level and document-level parts already merged in.</summary>
public sealed record ApiOperation
{
    /// <summary>Where it stands in the document: a JSON pointer such as <c>/paths/~1pets~1{id}/get</c>.</summary>
    public required string Pointer { get; init; }

    /// <summary>The HTTP method as it is sent, upper case (<c>GET</c>, <c>QUERY</c>, …).</summary>
    public required string Method { get; init; }

    /// <summary>The path template as the document has it, beginning with a slash; never with a query.</summary>
    public required string Path { get; init; }

    /// <summary>The path as the document's key has it, query and fragment too; <see cref="Path"/> where nothing else is said.</summary>
    public string RawPath { get => field ?? Path; init; }

    /// <summary>What the operation is known by while its id, order and neighbours change: method and path, for example <c>GET /pets/{id}</c>.</summary>
    public string Key => $"{Method} {RawPath}";

    /// <summary>The document's id, or null.</summary>
    public string? OperationId { get; init; }

    /// <summary>The document's summary; empty for none.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The document's description; empty for none.</summary>
    public string Description { get; init; } = "";

    /// <summary>The document's tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether the document says that it is deprecated.</summary>
    public bool IsDeprecated { get; init; }

    /// <summary>The servers in effect: its own, else the path's, else the document's; empty where none gives any.</summary>
    public IReadOnlyList<ApiServer> Servers { get; init; } = [];

    /// <summary>Parameters, path-level ones merged in; no two have the same name and place.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>The request body, or null.</summary>
    public ApiBody? Body { get; init; }

    /// <summary>Responses in the document's order.</summary>
    public IReadOnlyList<ApiResponse> Responses { get; init; } = [];

    /// <summary>Alternatives, any of which will do; empty where no credential is asked for.</summary>
    public IReadOnlyList<ApiSecurityRequirement> Security { get; init; } = [];

    /// <summary>What the document says under <c>x-mcp…</c>, by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extensions { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}
