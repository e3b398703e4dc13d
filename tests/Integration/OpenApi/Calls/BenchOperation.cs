using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Integration.OpenApi.Calls;

/// <summary>An operation for a test: its query parameters and, for methods that have one, a JSON body.</summary>
internal sealed record BenchOperation
{
    public string Method { get; init; } = "GET";

    public string Path { get; init; } = "/x";

    public string[] Query { get; init; } = [];

    public string[] Headers { get; init; } = [];

    public Dictionary<string, ApiSecurityScheme> Schemes { get; init; } = [];

    public ApiTool ToTool()
    {
        var parameters = Query.Select(q => Parameter(q, ParameterPlace.Query)).Concat(Headers.Select(h => Parameter(h, ParameterPlace.Header))).ToList();
        var media = Method is "GET" or "HEAD" or "DELETE" ? null : new ApiMedia { MediaType = "application/json", Schema = ApiSchema.Anything };
        var operation = new ApiOperation
        {
            Pointer = "/paths/~1x/get", Method = Method, Path = Path, Parameters = parameters,
            Body = media is null ? null : new ApiBody { Media = [media] },
            Security = Schemes.Count == 0 ? [] : [new ApiSecurityRequirement(Schemes.Keys.ToDictionary(k => k, _ => (IReadOnlyList<string>)["read", "write"]))],
        };
        return new ApiTool(operation, () => default, () => null)
        {
            Name = "x", Description = "", Annotations = default, BodyMedia = media,
            Bindings =
            [
                .. parameters.Select(p => new ArgumentBinding(p.Name, BindingTarget.Parameter, p.Name, p)),
                .. media is null ? [] : (ArgumentBinding[])[new ArgumentBinding("body", BindingTarget.WholeBody, "", null)],
            ],
        };
    }

    private static ApiParameter Parameter(string name, ParameterPlace place) => new()
    {
        Name = name, Place = place, Explode = true, Style = place == ParameterPlace.Query ? ParameterStyle.Form : ParameterStyle.Simple,
        Schema = new ApiSchema(JsonElement.Parse("""{"type":"integer"}"""), null),
    };
}
