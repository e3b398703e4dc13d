using System.Runtime.CompilerServices;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Integration.OpenApi.Wire;

/// <summary>One row of the table: an operation, arguments, and the request that must come out of them, or the argument that must be refused.</summary>
internal sealed record WireCase(string Name, JsonElement Row)
{
    private static readonly JsonElement s_nothing = JsonElement.Parse("{}");

    public static IReadOnlyList<WireCase> All { get; } = [.. Read()];

    public JsonElement Arguments => Member("args") ?? s_nothing;

    public string? Text(string name) => Member(name)?.GetString();

    public JsonElement? Member(string name) => Row.TryGetProperty(name, out var value) ? value : null;

    public ApiTool Tool(string origin)
    {
        var parameters = (Member("parameters")?.EnumerateArray() ?? default).Select(Parameter).ToList();
        var body = Member("body") is { } given ? Media(given.EnumerateObject().First()) : null;
        var operation = new ApiOperation
        {
            Pointer = "/paths/x",
            Method = Text("method") ?? (body is null ? "GET" : "POST"),
            Path = Text("path") ?? "/x",
            Servers = Servers(origin),
            Parameters = parameters,
            Body = body is null ? null : new ApiBody { Media = [body], IsRequired = Member("bodyRequired")?.GetBoolean() ?? false },
        };
        return new ApiTool(operation, () => default, () => null)
        {
            Name = "x", Description = "", Annotations = default, BodyMedia = body,
            Bindings = [.. parameters.Select(p => new ArgumentBinding(ArgumentName(p), BindingTarget.Parameter, p.Name, p)), .. BodyBindings(body)],
        };
    }

    public override string ToString() => Name;

    /// <summary>The row may rename: <c>"as":{"wire name":"argument"}</c>.</summary>
    private string ArgumentName(ApiParameter parameter) =>
        Member("as") is { } names && names.TryGetProperty(parameter.Name, out var name) ? name.GetString()! : parameter.Name;

    private IEnumerable<ArgumentBinding> BodyBindings(ApiMedia? media)
    {
        if (media is null)
        {
            return [];
        }

        return Member("flat") is { ValueKind: JsonValueKind.True }
            ? media.Schema.Node.GetProperty("properties").EnumerateObject().Select(p => new ArgumentBinding(p.Name, BindingTarget.BodyProperty, p.Name, null))
            : [new ArgumentBinding("body", BindingTarget.WholeBody, "", null)];
    }

    private List<ApiServer> Servers(string origin) => Member("servers") is not { } servers
        ? [new ApiServer(origin, new Dictionary<string, ApiServerVariable>())]
        : [.. servers.EnumerateArray().Select(s => new ApiServer(
            s.GetProperty("url").GetString()!.Replace("$ORIGIN", origin, StringComparison.Ordinal),
            s.TryGetProperty("variables", out var variables) ? variables.EnumerateObject().ToDictionary(v => v.Name, Variable) : []))];

    private static ApiServerVariable Variable(JsonProperty variable) => new(
        variable.Value.GetProperty("default").GetString()!,
        variable.Value.TryGetProperty("enum", out var values) ? [.. values.EnumerateArray().Select(v => v.GetString()!)] : []);

    private static ApiParameter Parameter(JsonElement row)
    {
        var place = Enum.Parse<ParameterPlace>(row.GetProperty("in").GetString()!, ignoreCase: true);
        var style = row.TryGetProperty("style", out var given) ? Enum.Parse<ParameterStyle>(given.GetString()!, ignoreCase: true)
            : place is ParameterPlace.Path or ParameterPlace.Header ? ParameterStyle.Simple : ParameterStyle.Form;
        return new ApiParameter
        {
            Name = row.GetProperty("name").GetString()!, Place = place, Schema = ApiSchema.Anything, Style = style,
            Explode = row.TryGetProperty("explode", out var explode) ? explode.GetBoolean() : style is ParameterStyle.Form or ParameterStyle.Cookie,
            IsRequired = place == ParameterPlace.Path || Flag(row, "required"),
            AllowReserved = Flag(row, "allowReserved"),
            AllowEmptyValue = Flag(row, "allowEmptyValue"),
            MediaType = row.TryGetProperty("content", out var media) ? media.GetString() : null,
        };
    }

    private static ApiMedia Media(JsonProperty media) => new()
    {
        MediaType = media.Name,
        Schema = media.Value.TryGetProperty("schema", out var schema) ? new ApiSchema(schema, null) : ApiSchema.Anything,
        Encoding = media.Value.TryGetProperty("encoding", out var encoding)
            ? encoding.EnumerateObject().ToDictionary(e => e.Name, e => Encoding(e.Value))
            : [],
    };

    private static ApiEncoding Encoding(JsonElement row) => new()
    {
        ContentType = row.TryGetProperty("contentType", out var type) ? type.GetString() : null,
        Style = row.TryGetProperty("style", out var style) ? Enum.Parse<ParameterStyle>(style.GetString()!, ignoreCase: true) : null,
        Explode = !row.TryGetProperty("explode", out var explode) || explode.GetBoolean(),
        AllowReserved = Flag(row, "allowReserved"),
        Headers = row.TryGetProperty("headers", out var headers)
            ? headers.EnumerateObject().ToDictionary(h => h.Name, h => new ApiSchema(h.Value, null))
            : new Dictionary<string, ApiSchema>(),
    };

    private static bool Flag(JsonElement row, string name) => row.TryGetProperty(name, out var flag) && flag.GetBoolean();

    private static IEnumerable<WireCase> Read()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Folder(), "cases"), "*.json").Order(StringComparer.Ordinal))
        {
            foreach (var row in JsonElement.Parse(File.ReadAllBytes(file)).EnumerateArray())
            {
                yield return new WireCase($"{Path.GetFileNameWithoutExtension(file)}: {row.GetProperty("name").GetString()}", row);
            }
        }
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
