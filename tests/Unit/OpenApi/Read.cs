using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Schemas;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi;

/// <summary>Short ways from a document's text to what is made of it.</summary>
internal static class Read
{
    public static ApiModel Model(string document) => ApiDocument.Read(Encoding.UTF8.GetBytes(document));

    public static ApiToolset Tools(string document, ToolOptions? options = null) => ApiToolset.Build(Model(document), options ?? new ToolOptions(), null);

    public static JsonElement Input(this ApiTool tool) => JsonElement.Parse(tool.InputSchema.Span);

    public static JsonElement Output(this ApiTool tool) => JsonElement.Parse(tool.OutputSchema!.Value.Span);

    public static JsonElement InputIn(this ApiTool tool, SchemaDialect dialect) => JsonElement.Parse(tool.InputSchemaIn(dialect).Span);

    /// <summary>The argument <c>v</c> of the one tool of a document whose body has the property <c>v</c> of this schema.</summary>
    public static JsonElement Property(string schema, string components = "{}", string version = "3.0.3") =>
        Tools(WithProperty(schema, components, version)).Tools[0].Input().GetProperty("properties").GetProperty("v");

    public static string WithProperty(string schema, string components = "{}", string version = "3.0.3") => $$"""
        {"openapi":"{{version}}","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"a","requestBody":{"required":true,"content":{
          "application/json":{"schema":{"type":"object","properties":{"v":{{schema}} } } } } },"responses":{} } } },"components":{"schemas":{{components}} } }
        """;

    public static string Text(this JsonElement element) => JsonSerializer.Serialize(element);
}
