using System.Text;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.HandWritten;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.HandWritten;

/// <summary>Tools written by hand.</summary>
public sealed class HandWrittenToolsTests
{
    private const string Weather = """
        kind: Tools
        name: weather
        baseUrl: https://api.example.com/v1
        auth: {type: apiKey, in: header, name: X-Key}
        schemas: {Place: {type: object, properties: {city: {type: string}}}}
        tools:
        - name: forecast
          description: What the weather will be.
          url: /forecast/{city}?days={days}&units=metric
          parameters:
          - {name: city, description: The city}
          - {name: days, type: integer, required: true}
          - {name: lang}
          response: {schema: {$ref: '#/components/schemas/Place'}}
        - name: report
          method: POST
          url: https://other.example.com/reports
          headers: {X-Source: agents}
          parameters:
          - {name: text, required: true}
          - {name: trace, in: header}
          annotations: {destructiveHint: true}
        """;

    [Fact]
    public void BecomeOperations()
    {
        Assert.True(HandWrittenTools.IsOne(Encoding.UTF8.GetBytes(Weather), new ReadOptions()));
        var model = HandWrittenTools.Read(Encoding.UTF8.GetBytes(Weather), new ReadOptions());
        Assert.Equal((ApiFormat.Manual, "weather"), (model.Format, model.Title));
        Assert.Empty(model.Refusals);
        var tools = ApiToolset.Build(model, new ToolOptions(), null);
        var forecast = tools.Find("forecast")!;
        Assert.Equal(["https://api.example.com"], forecast.Operation.Servers.Select(s => s.Url));
        Assert.Equal("/v1/forecast/{city}", forecast.Operation.Path);
        Assert.Equal(["city", "days", "lang", "units"], forecast.Bindings.Select(b => b.Argument).Order(StringComparer.Ordinal));
        Assert.Equal("integer", forecast.Input().GetProperty("properties").GetProperty("days").GetProperty("type").GetString());
        Assert.Equal("metric", forecast.Input().GetProperty("properties").GetProperty("units").GetProperty("const").GetString());
        Assert.Equal("object", forecast.Output().GetProperty("type").GetString());
        Assert.Equal(ApiSecurityKind.ApiKey, model.SecuritySchemes["auth"].Kind);
        var report = tools.Find("report")!;
        Assert.Equal(
            [("X-Source", BindingTarget.Parameter), ("text", BindingTarget.BodyProperty), ("trace", BindingTarget.Parameter)],
            report.Bindings.Select(b => (b.Argument, b.Target)).OrderBy(b => b.Argument, StringComparer.Ordinal));
        Assert.Contains("\"destructiveHint\":true", Encoding.UTF8.GetString(report.Annotations.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void KubernetesToolsAreTaken()
    {
        var model = HandWrittenTools.Read("""
            apiVersion: agents.example.com/v1alpha1
            kind: Tool
            metadata: {name: find-place}
            spec:
              type: http
              description: Finds a place.
              inputSchema: {type: object, properties: {q: {type: string, description: What to find}}, required: [q]}
              http:
                url: https://geo.example.com/search?name={q}
                headers: [{name: Accept-Language, value: {value: en}}]
            """u8.ToArray(), new ReadOptions());
        var tool = Assert.Single(ApiToolset.Build(model, new ToolOptions(), null).Tools);
        Assert.Equal(("find-place", "Finds a place."), (tool.Name, tool.Description));
        Assert.Equal(["name", "Accept-Language"], tool.Bindings.Select(b => b.Name));
    }

    [Fact]
    public void SeveralObjectsInOneFileAreAllTaken()
    {
        var yaml = "# tools\n---\nkind: Tool\nmetadata: {name: a}\nspec: {http: {url: 'https://x/a'}}\n---\nkind: Tool\nmetadata: {name: b}\nspec: {http: {url: 'https://x/b'}}\n";
        Assert.Equal(["a", "b"], HandWrittenTools.Read(Encoding.UTF8.GetBytes(yaml), new ReadOptions()).Operations.Select(o => o.OperationId));
        var other = Encoding.UTF8.GetBytes(yaml + "---\nkind: Pod\n");
        Assert.Equal("/2", Assert.Throws<ApiDocumentException>(() => HandWrittenTools.Read(other, new ReadOptions())).Where);
    }

    [Theory]
    [InlineData("kind: Tools", "/tools")]
    [InlineData("kind: Tools\ntools: [{url: 'https://a'}]", "/tools/0")]
    [InlineData("kind: Tools\ntools: [{name: a, url: /relative}]", "/tools/0/url")]
    [InlineData("kind: Tools\ntools: [{name: a, url: 'https://a', methd: GET}]", "/tools/0/methd")]
    [InlineData("kind: Tools\nauth: {type: magic}\ntools: []", "/auth/type")]
    [InlineData("kind: Tools\ntools: [3]", "/tools/0")]
    [InlineData("kind: Tools\ntools: [{name: a, url: 'https://a', parameters: [{name: x, in: moon}]}]", "/tools/0/parameters/0/in")]
    [InlineData("kind: Tool\nspec: {type: custom}", "/spec")]
    [InlineData("kind: Pod", "/kind")]
    public void MistakesAreNamed(string yaml, string where) =>
        Assert.Equal(where, Assert.Throws<ApiDocumentException>(() => HandWrittenTools.Read(Encoding.UTF8.GetBytes(yaml), new ReadOptions())).Where);
}
