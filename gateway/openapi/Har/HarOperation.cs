using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.OpenApi.Har;

/// <summary>All recordings of one operation as one.</summary>
internal static class HarOperation
{
    private const int MostParameters = 100;

    // Of headers only those stay that an API invents: the others are the browser's.
    private static readonly string[] s_plumbing = ["x-requested-with", "x-forwarded-for", "x-real-ip", "x-client-data"];

    public static JsonObject Of(string path, List<HarRequest> recorded, HarSecurity security)
    {
        var operation = new JsonObject { ["summary"] = $"{recorded[0].Method} {path}", ["parameters"] = Parameters(path, recorded, security) };
        if (Body(recorded) is { } body)
        {
            operation["requestBody"] = body;
        }

        operation["responses"] = Responses(recorded);
        return operation;
    }

    private static JsonArray Parameters(string path, List<HarRequest> recorded, HarSecurity security)
    {
        var parameters = new JsonArray();
        foreach (var segment in path.Split('/').Where(s => s.StartsWith('{')))
        {
            parameters.Add(Parameter(segment.Trim('{', '}'), "path", isRequired: true, new InferredSchema("string")));
        }

        foreach (var query in Values(recorded, "queryString").Where(q => !security.Query(q.Key)).Take(MostParameters))
        {
            parameters.Add(Parameter(query.Key, "query", query.Select(q => q.Request).Distinct().Count() == recorded.Count && recorded.Count > 1, Inferred(query.Select(q => q.Value))));
        }

        foreach (var header in Values(recorded, "headers"))
        {
            var isOwn = header.Key.StartsWith("x-", StringComparison.OrdinalIgnoreCase) && !s_plumbing.Contains(header.Key, StringComparer.OrdinalIgnoreCase);
            if (!security.Header(header.Key, header.First().Value) && isOwn)
            {
                parameters.Add(Parameter(header.Key, "header", isRequired: false, Inferred(header.Select(h => h.Value))));
            }
        }

        return parameters;
    }

    private static IEnumerable<IGrouping<string, (HarRequest Request, string Value)>> Values(List<HarRequest> recorded, string list) => recorded
        .SelectMany(r => r.Request.Member(list).Items().Where(i => i.Text("name") is { Length: > 0 }).Select(i => (Name: i.Text("name")!, Request: r, Value: i.Text("value") ?? "")))
        .GroupBy(v => v.Name, v => (v.Request, v.Value), list == "headers" ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    private static JsonObject? Body(List<HarRequest> recorded)
    {
        var content = new JsonObject();
        foreach (var media in recorded.Where(r => r.RequestMedia.Length > 0).GroupBy(r => r.RequestMedia, StringComparer.Ordinal))
        {
            var schema = new InferredSchema(null);
            foreach (var request in media)
            {
                schema.Add(request.RequestJson());
                foreach (var field in request.Request.Member("postData").Member("params").Items().Where(f => f.Text("name") is { Length: > 0 }))
                {
                    schema.AddProperty(field.Text("name")!, field.Text("fileName") is null ? "string" : "file");
                }
            }

            content[media.Key] = new JsonObject { ["schema"] = schema.ToJson() };
        }

        return content.Count == 0 ? null : new JsonObject { ["required"] = recorded.TrueForAll(r => r.RequestMedia.Length > 0), ["content"] = content };
    }

    private static JsonObject Responses(List<HarRequest> recorded)
    {
        var responses = new JsonObject();
        foreach (var status in recorded.GroupBy(r => r.Response.Text("status") ?? "0", StringComparer.Ordinal).Where(s => s.Key.Length == 3).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var response = new JsonObject { ["description"] = status.First().Response.Text("statusText") is { Length: > 0 } text ? text : status.Key };
            if (status.FirstOrDefault(s => s.ResponseMedia.Length > 0) is { } first)
            {
                var schema = new InferredSchema(null);
                foreach (var one in status)
                {
                    schema.Add(one.ResponseJson());
                }

                response["content"] = new JsonObject { [first.ResponseMedia] = new JsonObject { ["schema"] = schema.ToJson() } };
            }

            responses[status.Key] = response;
        }

        return responses;
    }

    private static InferredSchema Inferred(IEnumerable<string> values)
    {
        var kinds = values.Select(v => long.TryParse(v, out _) ? "integer" : decimal.TryParse(v, out _) ? "number" : v is "true" or "false" ? "boolean" : "string").Distinct(StringComparer.Ordinal).ToList();
        return new InferredSchema(kinds.Count == 1 ? kinds[0] : kinds.TrueForAll(k => k is "integer" or "number") ? "number" : "string");
    }

    private static JsonObject Parameter(string name, string place, bool isRequired, InferredSchema schema) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = isRequired, ["schema"] = schema.ToJson() };
}
