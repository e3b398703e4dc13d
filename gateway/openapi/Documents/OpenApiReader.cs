using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>OpenAPI 3.0, 3.1 and 3.2.</summary>
internal sealed class OpenApiReader : FormatReader
{
    private readonly ParameterReader _parameters;
    private readonly bool _isLate;

    public OpenApiReader(LoadedDocument root, Findings findings)
        : base(root, findings)
    {
        _parameters = new ParameterReader(findings, Parameter);
        _isLate = root.Root.Text("openapi")?.StartsWith("3.0", StringComparison.Ordinal) is false;
    }

    public override IReadOnlyList<ApiServer>? Servers(JsonElement holder, string pointer)
    {
        var servers = holder.Member("servers");
        if (servers.ValueKind != JsonValueKind.Array || servers.GetArrayLength() == 0)
        {
            return null;
        }

        return [.. servers.EnumerateArray().Where(s => s.Text("url") is not null).Select(s => new ApiServer(s.Text("url")!.Trim(), Variables(s.Member("variables"))))];
    }

    public override (IReadOnlyList<ApiParameter> Parameters, ApiBody? Body) Request(OperationPlace place) => (_parameters.Read(place), Body(place));

    public override IReadOnlyList<ApiResponse> Responses(OperationPlace place)
    {
        var responses = new List<ApiResponse>();
        foreach (var entry in place.Operation.Node.Member("responses").Members().Where(e => !e.Name.StartsWith("x-", StringComparison.OrdinalIgnoreCase)))
        {
            if (place.Operation.Document.Follow(entry.Value) is not { } response)
            {
                Findings.Warn(WarningCodes.ReferenceNotFound, $"{place.Pointer}/responses/{JsonPointer.Escape(entry.Name)}", "the response leads nowhere");
                continue;
            }

            responses.Add(new ApiResponse
            {
                Status = Status(entry.Name),
                Description = response.Node.Text("description") ?? "",
                Media = MediaReader.Read(response, _isLate),
                Headers = [.. response.Node.Member("headers").Members().Select(h => h.Name)],
            });
        }

        return responses;
    }

    internal static string Status(string name) => string.Equals(name, "default", StringComparison.OrdinalIgnoreCase) ? "default" : name.ToUpperInvariant();

    protected override IReadOnlyDictionary<string, ApiSecurityScheme> ReadSchemes() => SecurityReader.Read(Root, Root.Root.Member("components").Member("securitySchemes"));

    private static Dictionary<string, ApiServerVariable> Variables(JsonElement node)
    {
        var variables = new Dictionary<string, ApiServerVariable>(StringComparer.Ordinal);
        foreach (var variable in node.Members().Where(v => v.Value.IsObject()))
        {
            var values = variable.Value.Member("enum").Texts();
            variables[variable.Name] = new ApiServerVariable(variable.Value.Text("default") ?? (values.Count > 0 ? values[0] : ""), values);
        }

        return variables;
    }

    private ApiParameter? Parameter(Place place, string pointer)
    {
        var node = place.Node;
        if (node.Text("name") is not { Length: > 0 } name || ParameterReader.PlaceOf(node.Text("in")) is not { } where)
        {
            return null;
        }

        var content = MediaReader.Read(place, _isLate);
        var style = Style(node.Text("style"), where, pointer);
        return new ApiParameter
        {
            Name = name,
            Place = where,
            IsRequired = where == ParameterPlace.Path || node.Flag("required"),
            Description = node.Text("description") ?? "",
            Schema = content.Count > 0 ? content[0].Schema : MediaReader.Schema(place, "schema") ?? Inline(place),
            Style = style,
            Explode = node.OptionalFlag("explode") ?? style is ParameterStyle.Form or ParameterStyle.Cookie,
            AllowReserved = node.Flag("allowReserved"),
            AllowEmptyValue = node.Flag("allowEmptyValue"),
            MediaType = content.Count > 0 ? content[0].MediaType : null,
            IsDeprecated = node.Flag("deprecated"),
        };
    }

    /// <summary>Keywords of a schema that stand in the parameter itself, as Swagger 2.0 has them: often met in documents that were converted by hand.</summary>
    private static ApiSchema Inline(Place place) =>
        place.Node.Member("type").ValueKind is JsonValueKind.String or JsonValueKind.Array ? new ApiSchema(place.Node, place.Document) : ApiSchema.Anything;

    private ParameterStyle Style(string? name, ParameterPlace where, string pointer)
    {
        var standard = where is ParameterPlace.Path or ParameterPlace.Header ? ParameterStyle.Simple : ParameterStyle.Form;
        if (name is null)
        {
            return standard;
        }

        var given = ParameterReader.Style(name);
        if (given is { } style && Fits(style, where))
        {
            return style;
        }

        Findings.Warn(WarningCodes.ValueIgnored, pointer, $"the style '{name}' is none of the place's; '{(standard == ParameterStyle.Form ? "form" : "simple")}' is taken");
        return standard;
    }

    private static bool Fits(ParameterStyle style, ParameterPlace where) => where switch
    {
        ParameterPlace.Path => style is ParameterStyle.Simple or ParameterStyle.Label or ParameterStyle.Matrix,
        ParameterPlace.Header => style is ParameterStyle.Simple,
        ParameterPlace.Cookie => style is ParameterStyle.Form or ParameterStyle.Cookie,
        _ => style is ParameterStyle.Form or ParameterStyle.SpaceDelimited or ParameterStyle.PipeDelimited or ParameterStyle.DeepObject,
    };

    private ApiBody? Body(OperationPlace place)
    {
        var node = place.Operation.Node.Member("requestBody");
        var pointer = $"{place.Pointer}/requestBody";
        if (!node.IsObject())
        {
            return node.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null
                : throw new RefusedException(RefusalCodes.BodyMalformed, pointer, "the body is no object", "say under 'content' what the body is");
        }

        var body = Followed(new Place(node, place.Operation.Document), pointer, "body");
        var media = MediaReader.Read(body, _isLate);
        if (media.Count > 0)
        {
            return new ApiBody { IsRequired = body.Node.Flag("required"), Description = body.Node.Text("description") ?? "", Media = media };
        }

        Findings.Warn(WarningCodes.ValueIgnored, pointer, "the body has no media type; requests go without it");
        return null;
    }
}
