using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>All arguments of an operation: its parameters, and its body as properties or whole.</summary>
internal static class ArgumentPlan
{
    /// <summary>The argument that a body is where it is one argument.</summary>
    public const string WholeBody = "body";

    /// <summary>The arguments, in the order path, query, header, cookie, body.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="media">The body's media, or null for no body.</param>
    /// <param name="schemes">Security schemes: parameters that are credentials of a scheme in effect are no arguments.</param>
    public static IReadOnlyList<PlannedArgument> Of(ApiOperation operation, ApiMedia? media, IReadOnlyDictionary<string, ApiSecurityScheme> schemes)
    {
        var names = new ArgumentNames();
        var secrets = operation.Security.SelectMany(r => r.Schemes.Keys).Select(k => schemes.GetValueOrDefault(k)).OfType<ApiSecurityScheme>().Where(s => s.Kind == ApiSecurityKind.ApiKey).ToList();
        var planned = new List<PlannedArgument>();
        foreach (var parameter in operation.Parameters.Where(p => !secrets.Exists(s => IsSecret(p, s))).OrderBy(p => p.Place).ThenBy(p => ArgumentNames.IsClean(p.Name) ? 0 : 1))
        {
            var argument = names.Take(parameter.Name, parameter.Place.ToString().ToLowerInvariant());
            planned.Add(new PlannedArgument(new ArgumentBinding(argument, BindingTarget.Parameter, parameter.Name, parameter), parameter.Schema, parameter.Description, IsAsked(parameter), parameter.IsDeprecated));
        }

        if (media is not null && operation.Body is { } body)
        {
            planned.AddRange(Body(body, media, names));
        }

        return planned;
    }

    private static IEnumerable<PlannedArgument> Body(ApiBody body, ApiMedia media, ArgumentNames names)
    {
        var isStructured = MediaChoice.IsJson(media.MediaType) || MediaChoice.IsAny(media.MediaType) || MediaChoice.IsForm(media.MediaType) || MediaChoice.IsMultipart(media.MediaType);
        if (isStructured && BodyFields.Of(media.Schema) is { } fields)
        {
            foreach (var (name, schema, isRequired) in fields.OrderBy(f => ArgumentNames.IsClean(f.Name) ? 0 : 1))
            {
                yield return new PlannedArgument(new ArgumentBinding(names.Take(name, "body"), BindingTarget.BodyProperty, name, null), schema, "", isRequired && body.IsRequired, false) { IsRequiredInBody = isRequired && !body.IsRequired };
            }

            yield break;
        }

        yield return new PlannedArgument(new ArgumentBinding(names.Take(WholeBody, "body"), BindingTarget.WholeBody, "", null), media.Schema, body.Description, body.IsRequired, false);
    }

    /// <summary>What is needed and can have but one value is sent without being asked for.</summary>
    private static bool IsAsked(ApiParameter parameter) => parameter.IsRequired && SchemaLook.Fixed(parameter.Schema) is null;

    private static bool IsSecret(ApiParameter parameter, ApiSecurityScheme scheme) => parameter.Place == scheme.Place
        && string.Equals(parameter.Name, scheme.Name, parameter.Place == ParameterPlace.Header ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
