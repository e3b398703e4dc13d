using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>What differs between Swagger 2.0 and OpenAPI 3.</summary>
internal abstract class FormatReader(LoadedDocument root, Findings findings)
{
    private IReadOnlyDictionary<string, ApiSecurityScheme>? _schemes;

    /// <summary>The document's security schemes.</summary>
    public IReadOnlyDictionary<string, ApiSecurityScheme> Schemes => _schemes ??= ReadSchemes();

    protected LoadedDocument Root { get; } = root;

    protected Findings Findings { get; } = findings;

    /// <summary>Servers that a document, path or operation names itself; null where it names none.</summary>
    public abstract IReadOnlyList<ApiServer>? Servers(JsonElement holder, string pointer);

    /// <summary>The request's parameters and body.</summary>
    /// <exception cref="RefusedException">No call can be right.</exception>
    public abstract (IReadOnlyList<ApiParameter> Parameters, ApiBody? Body) Request(OperationPlace place);

    /// <summary>The responses in the document's order.</summary>
    public abstract IReadOnlyList<ApiResponse> Responses(OperationPlace place);

    /// <summary>The alternatives in effect for an operation.</summary>
    public IReadOnlyList<ApiSecurityRequirement> Security(OperationPlace place)
    {
        var own = place.Operation.Node.Member("security");
        var (holder, pointer) = own.ValueKind == JsonValueKind.Array ? (own, $"{place.Pointer}/security") : (Root.Root.Member("security"), "/security");
        List<ApiSecurityRequirement>? requirements = null;
        foreach (var item in holder.Items().Where(i => i.IsObject()))
        {
            var schemes = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
            foreach (var scheme in item.Members())
            {
                if (Schemes.ContainsKey(scheme.Name))
                {
                    schemes[scheme.Name] = scheme.Value.Texts();
                }
                else
                {
                    Findings.Warn(WarningCodes.SecuritySchemeUnknown, pointer, $"the security scheme '{scheme.Name}' is not defined; calls go without it");
                }
            }

            (requirements ??= []).Add(new ApiSecurityRequirement(schemes));
        }

        return requirements ?? (IReadOnlyList<ApiSecurityRequirement>)[];
    }

    /// <summary>The node behind a reference, or the reason why the operation cannot be.</summary>
    protected static Place Followed(Place place, string pointer, string what) =>
        place.Document.Follow(place.Node) ?? throw new RefusedException(
            RefusalCodes.ReferenceNotFound, pointer, $"the {what} refers to '{place.Node.Text("$ref")}', which leads nowhere", "correct the reference, or give the document with all its parts");

    protected abstract IReadOnlyDictionary<string, ApiSecurityScheme> ReadSchemes();
}
