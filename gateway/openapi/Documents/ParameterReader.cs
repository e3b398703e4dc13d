using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>Parameters of one operation: those of the path, overridden by its own, set right against the template.</summary>
internal sealed class ParameterReader(Findings findings, Func<Place, string, ApiParameter?> readOne)
{
    // What OpenAPI says is ignored, and what frames or routes a message.
    private static readonly string[] s_reservedHeaders =
    [
        "Accept", "Content-Type", "Authorization",
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect", "Proxy-Authorization", "Proxy-Connection",
    ];

    private readonly Dictionary<(LoadedDocument, string), ApiParameter?> _shared = [];

    /// <summary>The style of a name; null where there is none of that name.</summary>
    public static ParameterStyle? Style(string? name) => name switch
    {
        "form" => ParameterStyle.Form,
        "simple" => ParameterStyle.Simple,
        "label" => ParameterStyle.Label,
        "matrix" => ParameterStyle.Matrix,
        "spaceDelimited" => ParameterStyle.SpaceDelimited,
        "pipeDelimited" => ParameterStyle.PipeDelimited,
        "deepObject" => ParameterStyle.DeepObject,
        "cookie" => ParameterStyle.Cookie,
        _ => null,
    };

    /// <summary>The place of a name; null where there is none of that name.</summary>
    public static ParameterPlace? PlaceOf(string? name) => name?.ToUpperInvariant() switch
    {
        "PATH" => ParameterPlace.Path,
        "QUERY" => ParameterPlace.Query,
        "QUERYSTRING" => ParameterPlace.QueryString,
        "HEADER" => ParameterPlace.Header,
        "COOKIE" => ParameterPlace.Cookie,
        _ => null,
    };

    /// <summary>All parameters of an operation, no two with the same name and place.</summary>
    public IReadOnlyList<ApiParameter> Read(OperationPlace place)
    {
        var found = new List<ApiParameter>();
        Add(found, place.PathItem, $"{place.PathPointer}/parameters", place.Pointer);
        Add(found, place.Operation, $"{place.Pointer}/parameters", place.Pointer);
        foreach (var query in place.Template.Query.Where(q => !found.Exists(p => IsSame(p, q))))
        {
            found.Add(query);
        }

        return AgainstTemplate(found, place);
    }

    private void Add(List<ApiParameter> found, Place holder, string pointer, string operation)
    {
        var index = -1;
        foreach (var node in holder.Node.Member("parameters").Items())
        {
            index++;
            if (One(new Place(node, holder.Document), $"{pointer}/{index}", operation) is not { } parameter || IsReserved(parameter))
            {
                continue;
            }

            var at = found.FindIndex(p => IsSame(p, parameter));
            if (at < 0)
            {
                found.Add(parameter);
            }
            else
            {
                found[at] = parameter;
            }
        }
    }

    private ApiParameter? One(Place place, string pointer, string operation)
    {
        if (place.Node.Text("$ref") is { } reference)
        {
            if (!_shared.TryGetValue((place.Document, reference), out var shared))
            {
                var target = place.Document.Follow(place.Node) ?? throw new RefusedException(
                    RefusalCodes.ReferenceNotFound, pointer.StartsWith(operation, StringComparison.Ordinal) ? pointer : operation,
                    $"a parameter refers to '{reference}', which leads nowhere", "correct the reference, or give the document with all its parts");
                _shared[(place.Document, reference)] = shared = Checked(target, pointer, operation);
            }

            return shared;
        }

        return Checked(place, pointer, operation);
    }

    private ApiParameter? Checked(Place place, string pointer, string operation)
    {
        if (readOne(place, pointer) is { } parameter)
        {
            return parameter;
        }

        if (place.Node.Flag("required") && place.Node.Text("name") is not null && place.Node.Text("in") is not ("body" or "formData"))
        {
            throw new RefusedException(RefusalCodes.ParameterMalformed, pointer.StartsWith(operation, StringComparison.Ordinal) ? pointer : operation,
                $"the required parameter '{place.Node.Text("name")}' has no place that there is ('in': '{place.Node.Text("in")}')", "say where the parameter stands: path, query, header or cookie");
        }

        if (place.Node.Text("in") is not ("body" or "formData"))
        {
            findings.Warn(WarningCodes.ParameterIgnored, pointer, "a parameter without a name or a place is left out");
        }

        return null;
    }

    /// <summary>Path parameters are those of the template, no more and no fewer.</summary>
    private List<ApiParameter> AgainstTemplate(List<ApiParameter> found, OperationPlace place)
    {
        var result = new List<ApiParameter>(found.Count);
        var missing = place.Template.Names.ToList();
        foreach (var parameter in found)
        {
            if (parameter.Place != ParameterPlace.Path)
            {
                result.Add(parameter);
                continue;
            }

            var name = missing.Find(n => n == parameter.Name) ?? missing.Find(n => string.Equals(n.TrimEnd('*', '+'), parameter.Name, StringComparison.OrdinalIgnoreCase));
            if (name is null)
            {
                findings.Warn(WarningCodes.PathParameterUnused, place.Pointer, $"the path parameter '{parameter.Name}' is not in '{place.Template.Path}' and is left out");
                continue;
            }

            missing.Remove(name);
            result.Add(name == parameter.Name ? parameter : parameter with { Name = name });
        }

        foreach (var name in missing)
        {
            findings.Warn(WarningCodes.PathParameterUndeclared, place.Pointer, $"the path parameter '{name}' is not declared; it is taken for a required text");
            result.Add(new ApiParameter { Name = name, Place = ParameterPlace.Path, IsRequired = true, Style = ParameterStyle.Simple, Schema = PathTemplate.Text });
        }

        return result;
    }

    private static bool IsReserved(ApiParameter parameter) =>
        parameter.Place == ParameterPlace.Header && s_reservedHeaders.Contains(parameter.Name, StringComparer.OrdinalIgnoreCase);

    private static bool IsSame(ApiParameter one, ApiParameter other) => one.Place == other.Place
        && string.Equals(one.Name, other.Name, one.Place == ParameterPlace.Header ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
