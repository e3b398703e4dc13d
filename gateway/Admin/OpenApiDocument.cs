using System.Text.Json;

using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Admin;

/// <summary>The OpenAPI 3.1 document of the management API, written from the same table that is mapped.</summary>
public static class OpenApiDocument
{
    private const string Components = """
        {"schemas":{"Problem":{"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
        "detail":{"type":"string"},"hint":{"type":"string"},"output":{"type":"string"},"invocation":{"type":"string"}},
        "required":["type","title","status","detail"]}},"securitySchemes":{"token":{"type":"http","scheme":"bearer"}}}
        """;

    /// <summary>Writes the document.</summary>
    public static byte[] Write(IReadOnlyList<AdminRoute> routes)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("openapi"u8, "3.1.0");
            writer.WriteStartObject("info"u8);
            writer.WriteString("title"u8, "ToolRuntime management API");
            writer.WriteString("version"u8, ServerIdentity.Version);
            writer.WriteEndObject();
            writer.WriteStartObject("paths"u8);
            foreach (var path in routes.GroupBy(r => r.Path, StringComparer.Ordinal))
            {
                writer.WriteStartObject(path.Key);
                foreach (var route in path)
                {
                    WriteOperation(writer, route);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WritePropertyName("components"u8);
            writer.WriteRawValue(Components, skipInputValidation: true);
            writer.WritePropertyName("security"u8);
            writer.WriteRawValue("[{\"token\":[]}]", skipInputValidation: true);
            writer.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }

    private static void WriteOperation(Utf8JsonWriter writer, AdminRoute route)
    {
        writer.WriteStartObject(route.Method.ToLowerInvariant());
        writer.WriteString("operationId"u8, route.Id);
        writer.WriteString("summary"u8, route.Summary);
        writer.WriteStartArray("parameters"u8);
        foreach (var name in route.Path.Split('/').Where(s => s.StartsWith('{')).Select(s => s[1..^1]))
        {
            WriteParameter(writer, name, "path", "Its name.");
        }

        foreach (var (name, description) in route.Query)
        {
            WriteParameter(writer, name, "query", description);
        }

        writer.WriteEndArray();
        if (route.Consumes.Count > 0)
        {
            writer.WriteStartObject("requestBody"u8);
            writer.WriteBoolean("required"u8, true);
            WriteContent(writer, route.Consumes);
            writer.WriteEndObject();
        }

        WriteResponses(writer, route);
        writer.WriteEndObject();
    }

    private static void WriteParameter(Utf8JsonWriter writer, string name, string where, string description)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("in"u8, where);
        writer.WriteBoolean("required"u8, where == "path");
        writer.WriteString("description"u8, description);
        writer.WriteStartObject("schema"u8);
        writer.WriteString("type"u8, "string");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteResponses(Utf8JsonWriter writer, AdminRoute route)
    {
        writer.WriteStartObject("responses"u8);
        writer.WriteStartObject(route.Produces.Count == 0 ? "204" : "200");
        writer.WriteString("description"u8, "Done.");
        if (route.Produces.Count > 0)
        {
            WriteContent(writer, route.Produces);
        }

        writer.WriteEndObject();
        writer.WritePropertyName("default"u8);
        writer.WriteRawValue(
            """{"description":"Refused or failed.","content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}""",
            skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter writer, IReadOnlyList<string> types)
    {
        writer.WriteStartObject("content"u8);
        foreach (var type in types)
        {
            writer.WriteStartObject(type);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
