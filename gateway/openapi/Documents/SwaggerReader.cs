using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>Swagger 2.0.</summary>
internal sealed class SwaggerReader : FormatReader
{
    private const int MostNested = 8;

    private readonly ParameterReader _parameters;

    public SwaggerReader(LoadedDocument root, Findings findings)
        : base(root, findings)
    {
        _parameters = new ParameterReader(findings, Parameter);
    }

    public override IReadOnlyList<ApiServer>? Servers(JsonElement holder, string pointer)
    {
        var isRoot = pointer.Length == 0;
        var schemes = holder.Member("schemes").Texts();
        if (!isRoot && schemes.Count == 0)
        {
            return null;
        }

        var path = (Root.Root.Text("basePath") ?? "").TrimEnd('/');
        var host = Root.Root.Text("host") is { Length: > 0 } named ? named : null;
        if (host is null)
        {
            return path.Length > 0 || isRoot ? [new ApiServer(path.Length == 0 ? "/" : path, new Dictionary<string, ApiServerVariable>(StringComparer.Ordinal))] : null;
        }

        var scheme = schemes.Contains("https", StringComparer.OrdinalIgnoreCase) || schemes.Count == 0 ? Root.Location?.Scheme is "http" && schemes.Count == 0 ? "http" : "https"
            : schemes.FirstOrDefault(s => s.Equals("http", StringComparison.OrdinalIgnoreCase)) ?? schemes[0];
        var slash = path.Length == 0 || path.StartsWith('/') ? "" : "/";
        return [new ApiServer($"{scheme}://{host}{slash}{path}", Variables(host + path))];
    }

    public override (IReadOnlyList<ApiParameter> Parameters, ApiBody? Body) Request(OperationPlace place) =>
        (_parameters.Read(place), SwaggerBody.Read(place, Consumes(place.Operation.Node)));

    public override IReadOnlyList<ApiResponse> Responses(OperationPlace place)
    {
        var responses = new List<ApiResponse>();
        var produces = Media(place.Operation.Node, "produces");
        foreach (var entry in place.Operation.Node.Member("responses").Members().Where(e => !e.Name.StartsWith("x-", StringComparison.OrdinalIgnoreCase)))
        {
            if (place.Operation.Document.Follow(entry.Value) is not { } response)
            {
                Findings.Warn(WarningCodes.ReferenceNotFound, $"{place.Pointer}/responses/{JsonPointer.Escape(entry.Name)}", "the response leads nowhere");
                continue;
            }

            var schema = MediaReader.Schema(response, "schema");
            responses.Add(new ApiResponse
            {
                Status = OpenApiReader.Status(entry.Name),
                Description = response.Node.Text("description") ?? "",
                Media = schema is null ? [] : [.. produces.DefaultIfEmpty("application/json").Select(m => new ApiMedia { MediaType = m, Schema = schema.Value })],
                Headers = [.. response.Node.Member("headers").Members().Select(h => h.Name)],
            });
        }

        return responses;
    }

    protected override IReadOnlyDictionary<string, ApiSecurityScheme> ReadSchemes() => SecurityReader.Read(Root, Root.Root.Member("securityDefinitions"));

    private static Dictionary<string, ApiServerVariable> Variables(string address)
    {
        // Not of 2.0, but met: braces in the host.
        var variables = new Dictionary<string, ApiServerVariable>(StringComparer.Ordinal);
        foreach (var name in PathTemplate.Of("/" + address).Names)
        {
            variables[name] = new ApiServerVariable("", []);
        }

        return variables;
    }

    private IReadOnlyList<string> Consumes(JsonElement operation) => Media(operation, "consumes");

    private IReadOnlyList<string> Media(JsonElement operation, string name) =>
        operation.Member(name).ValueKind == JsonValueKind.Array ? operation.Member(name).Texts() : Root.Root.Member(name).Texts();

    private ApiParameter? Parameter(Place place, string pointer)
    {
        var node = place.Node;
        if (node.Text("name") is not { Length: > 0 } name || ParameterReader.PlaceOf(node.Text("in")) is not { } where)
        {
            return null;
        }

        var (style, explode) = Style(node.Text("collectionFormat"), where);
        return new ApiParameter
        {
            Name = name,
            Place = where,
            IsRequired = where == ParameterPlace.Path || node.Flag("required"),
            Description = node.Text("description") ?? "",
            Schema = MediaReader.Schema(place, "schema") ?? new ApiSchema(node, place.Document),
            Style = style,
            Explode = explode,
            InnerDelimiters = Delimiters(node.Member("items")),
            AllowEmptyValue = node.Flag("allowEmptyValue"),
            IsDeprecated = node.Flag("deprecated"),
        };
    }

    internal static List<char> Delimiters(JsonElement items)
    {
        var delimiters = new List<char>();
        for (; delimiters.Count < MostNested && items.Text("type") is "array"; items = items.Member("items"))
        {
            delimiters.Add(items.Text("collectionFormat") switch { "ssv" => ' ', "tsv" => '\t', "pipes" => '|', _ => ',' });
        }

        return delimiters;
    }

    internal static (ParameterStyle Style, bool Explode) Style(string? format, ParameterPlace? where) => format switch
    {
        "multi" => (ParameterStyle.Form, true),
        "ssv" => (ParameterStyle.SpaceDelimited, false),
        "tsv" => (ParameterStyle.TabDelimited, false),
        "pipes" => (ParameterStyle.PipeDelimited, false),
        _ => (where is ParameterPlace.Path or ParameterPlace.Header ? ParameterStyle.Simple : ParameterStyle.Form, false),
    };
}
