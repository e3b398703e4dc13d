using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.OpenApi.HandWritten;

/// <summary>The OpenAPI document that tools written by hand add up to.</summary>
internal sealed class ToolsDocument
{
    private const string Hint = "see docs/schemas/tools.schema.json";
    private static readonly string[] s_root = ["kind", "apiVersion", "metadata", "name", "version", "description", "baseUrl", "auth", "tools", "schemas"];
    private static readonly string[] s_tool = ["name", "title", "description", "method", "url", "parameters", "headers", "body", "response", "tags", "deprecated", "annotations"];

    private readonly JsonObject _info = new() { ["title"] = "", ["version"] = "" };
    private readonly JsonObject _paths = [];
    private readonly JsonObject _components = [];
    private JsonArray? _security;

    public JsonObject ToOpenApi()
    {
        var document = new JsonObject { ["openapi"] = "3.1.0", ["info"] = _info, ["paths"] = _paths, ["components"] = _components };
        if (_security is not null)
        {
            document["security"] = _security;
        }

        return document;
    }

    public void AddAll(JsonElement root)
    {
        Known(root, s_root, "");
        (_info["title"], _info["version"], _info["description"]) = (root.Text("name") ?? "", root.Text("version") ?? "", root.Text("description") ?? "");
        if (root.Member("auth") is { ValueKind: JsonValueKind.Object } auth)
        {
            _components["securitySchemes"] = new JsonObject { ["auth"] = Scheme(auth) };
            _security = [new JsonObject { ["auth"] = new JsonArray() }];
        }

        if (root.Member("schemas") is { ValueKind: JsonValueKind.Object } schemas)
        {
            _components["schemas"] = JsonObject.Create(schemas);
        }

        if (root.Member("tools").ValueKind != JsonValueKind.Array)
        {
            throw new ApiDocumentException("the document has no list of tools", "/tools", Hint);
        }

        var index = 0;
        foreach (var tool in root.Member("tools").EnumerateArray())
        {
            Add(tool, $"/tools/{index++}", root.Text("baseUrl"));
        }
    }

    /// <summary>Adds one tool as an operation.</summary>
    public void Add(JsonElement tool, string pointer, string? baseUrl)
    {
        if (!tool.IsObject())
        {
            throw new ApiDocumentException("the tool is no object", pointer, Hint);
        }

        Known(tool, s_tool, pointer);
        var name = tool.Text("name") is { Length: > 0 } given ? given : throw new ApiDocumentException("the tool has no name", pointer, Hint);
        var address = ToolAddress.Of(tool.Text("url"), baseUrl) ?? throw new ApiDocumentException($"the tool '{name}' has no URL that is absolute or below baseUrl", $"{pointer}/url", Hint);
        var method = (tool.Text("method") ?? "GET").ToLowerInvariant();
        var operation = new JsonObject
        {
            ["operationId"] = name,
            ["summary"] = tool.Text("title") ?? "",
            ["description"] = tool.Text("description") ?? "",
            ["tags"] = new JsonArray([.. tool.Member("tags").Texts().Select(t => JsonValue.Create(t))]),
            ["deprecated"] = tool.Flag("deprecated"),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = address.Server }),
            ["responses"] = Responses(tool.Member("response")),
        };
        if (tool.Member("annotations") is { ValueKind: JsonValueKind.Object } annotations)
        {
            operation["x-mcp"] = new JsonObject { ["annotations"] = JsonObject.Create(annotations) };
        }

        new ToolInputs(address, method, pointer).Put(tool, operation);
        Place(address.Path, name, method, operation, pointer);
    }

    /// <summary>Two tools may make the same request in different ways: a fragment keeps their operations apart and is never sent.</summary>
    private void Place(string path, string name, string method, JsonObject operation, string pointer)
    {
        foreach (var key in new[] { path, $"{path}#{name}" })
        {
            if (_paths[key] is not JsonObject item)
            {
                _paths[key] = new JsonObject { [method] = operation };
                return;
            }

            if (!item.ContainsKey(method))
            {
                item[method] = operation;
                return;
            }
        }

        throw new ApiDocumentException($"two tools have the name '{name}' and the same request", pointer, "give them different names");
    }

    private static JsonObject Responses(JsonElement response)
    {
        if (!response.IsObject())
        {
            return new JsonObject { ["200"] = new JsonObject { ["description"] = "" } };
        }

        var schema = response.Member("schema") is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : new JsonObject();
        return new JsonObject { ["200"] = new JsonObject { ["description"] = "", ["content"] = new JsonObject { [response.Text("mediaType") ?? "application/json"] = new JsonObject { ["schema"] = schema } } } };
    }

    private static JsonObject Scheme(JsonElement auth) => auth.Text("type")?.ToUpperInvariant() switch
    {
        "BEARER" => new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
        "BASIC" => new JsonObject { ["type"] = "http", ["scheme"] = "basic" },
        "APIKEY" => new JsonObject { ["type"] = "apiKey", ["in"] = auth.Text("in") ?? "header", ["name"] = auth.Text("name") ?? throw new ApiDocumentException("the key has no name", "/auth/name", Hint) },
        "OAUTH2" => new JsonObject { ["type"] = "oauth2", ["flows"] = new JsonObject { ["clientCredentials"] = new JsonObject { ["tokenUrl"] = auth.Text("tokenUrl") ?? "", ["scopes"] = new JsonObject() } } },
        _ => throw new ApiDocumentException($"there is no auth of type '{auth.Text("type")}'", "/auth/type", "bearer, basic, apiKey or oauth2"),
    };

    private static void Known(JsonElement element, string[] names, string pointer)
    {
        foreach (var member in element.EnumerateObject().Where(m => !names.Contains(m.Name, StringComparer.Ordinal) && !m.Name.StartsWith("x-", StringComparison.Ordinal)))
        {
            throw new ApiDocumentException($"there is no '{member.Name}' here", $"{pointer}/{member.Name}", $"one of {string.Join(", ", names)}");
        }
    }
}
