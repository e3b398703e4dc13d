using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.OpenApi.HandWritten;

/// <summary>Where each parameter of one tool goes: where it says, else where its placeholder stands, else the query or the body by the method.</summary>
internal sealed class ToolInputs(ToolAddress address, string method, string pointer)
{
    private const string Hint = "see docs/schemas/tools.schema.json";
    private readonly JsonArray _parameters = [];
    private readonly JsonObject _properties = [];
    private readonly JsonArray _required = [];
    private readonly HashSet<string> _queried = new(StringComparer.Ordinal);

    /// <summary>Writes parameters and body into the operation.</summary>
    public void Put(JsonElement tool, JsonObject operation)
    {
        var index = 0;
        foreach (var parameter in tool.Member("parameters").Items())
        {
            Add(parameter, $"{pointer}/parameters/{index++}");
        }

        foreach (var (name, value) in address.Query.Where(q => !_queried.Contains(q.Name)))
        {
            var isOpen = value.StartsWith('{') && value.EndsWith('}');
            _parameters.Add(Parameter(name, "query", isRequired: true, isOpen ? new JsonObject { ["type"] = "string" } : Fixed(value)));
        }

        foreach (var header in tool.Member("headers").Members())
        {
            _parameters.Add(Parameter(header.Name, "header", isRequired: true, Fixed(header.Value.Scalar() ?? "")));
        }

        operation["parameters"] = _parameters;
        if (Body(tool.Member("body")) is { } body)
        {
            operation["requestBody"] = body;
        }
    }

    private void Add(JsonElement parameter, string at)
    {
        if (parameter.Text("name") is not { Length: > 0 } name)
        {
            throw new ApiDocumentException("the parameter has no name", at, Hint);
        }

        var schema = Schema(parameter);
        var pair = address.Query.FirstOrDefault(q => q.Value == $"{{{name}}}");
        var place = parameter.Text("in") ?? (address.PathHas(name) ? "path" : pair.Name is not null || method is "get" or "head" or "delete" ? "query" : "body");
        switch (place)
        {
            case "body":
                _properties[name] = schema;
                if (parameter.Flag("required"))
                {
                    _required.Add(name);
                }

                break;
            case "path" or "query" or "header" or "cookie":
                var sent = place == "query" && pair.Name is not null ? pair.Name : name;
                _queried.Add(sent);
                _parameters.Add(Parameter(sent, place, place == "path" || parameter.Flag("required"), schema));
                break;
            default:
                throw new ApiDocumentException($"a parameter cannot stand in '{place}'", $"{at}/in", "path, query, header, cookie or body");
        }
    }

    private static JsonObject Schema(JsonElement parameter)
    {
        var schema = parameter.Member("schema") is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : new JsonObject { ["type"] = parameter.Text("type") ?? "string" };
        foreach (var keyword in new[] { "description", "enum", "default", "format", "items" })
        {
            if (!schema.ContainsKey(keyword) && parameter.Member(keyword) is { ValueKind: not JsonValueKind.Undefined } value)
            {
                schema[keyword] = JsonNode.Parse(value.GetRawText());
            }
        }

        return schema;
    }

    private JsonObject? Body(JsonElement body)
    {
        if (body.IsObject())
        {
            var schema = body.Member("schema") is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : new JsonObject();
            return Wrapped(body.Text("mediaType") ?? "application/json", schema, body.OptionalFlag("required") ?? true);
        }

        return _properties.Count == 0 ? null : Wrapped("application/json", new JsonObject { ["type"] = "object", ["properties"] = _properties, ["required"] = _required }, true);
    }

    private static JsonObject Wrapped(string media, JsonObject schema, bool isRequired) =>
        new() { ["required"] = isRequired, ["content"] = new JsonObject { [media] = new JsonObject { ["schema"] = schema } } };

    private static JsonObject Parameter(string name, string place, bool isRequired, JsonObject schema) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = isRequired, ["schema"] = schema };

    private static JsonObject Fixed(string value) => new() { ["type"] = "string", ["const"] = value, ["default"] = value };
}
