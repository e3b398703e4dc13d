using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building;
using ToolRuntime.Runtime.Building.Apps;

namespace ToolRuntime.Tests.Unit.Runtime;

public sealed class FunctionAppReaderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("app").FullName;

    public FunctionAppReaderTests() => Write("host.json", """{ /* theirs */ "version": "2.0", "extensions": { "mcp": { "ServerName": "x" } } }""");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void AFunctionIsAToolWithTheSchemaOfItsProperties()
    {
        Write("weather/function.json", """
            {"scriptFile":"../src/weather.py","entryPoint":"run","bindings":[{"type":"mcpToolTrigger","direction":"IN","name":"call","ToolName":"get_weather","description":"Weather.",
              "metadata":"{\"a\":1}",
              "toolProperties":"[{\"propertyName\":\"city\",\"propertyType\":\"string\",\"description\":\"Where.\",\"isRequired\":true},{\"propertyName\":\"days\",\"propertyType\":\"Integer\",\"isArray\":true,\"required\":false}]"}]}
            """);
        Write("src/weather.py", "");
        var app = FunctionAppReader.Read(_root);
        var function = Assert.Single(app.Functions);
        Assert.Equal(("weather", "src/weather.py", "run", "call"), (function.Folder, function.Script, function.EntryPoint, function.Binding));
        var tool = Assert.Single(app.Tools);
        Assert.Equal(("get_weather", "Weather.", "tool_0"), (tool.Name, tool.Description, tool.Entry));
        Assert.Equal("""{"a":1}""", tool.Meta?.GetRawText());
        Assert.Equal(
            """{"type":"object","properties":{"city":{"type":"string","description":"Where."},"days":{"type":"array","items":{"type":"integer"},"description":""}},"required":["city"]}""",
            tool.InputSchema.GetRawText());
    }

    [Fact]
    public void SeveralFunctionsAreToolsOfOneDeploymentThatNeedsAName()
    {
        foreach (var name in (string[])["one", "two"])
        {
            Write($"{name}/function.json", Tool(name));
            Write($"{name}/index.js", "");
        }

        Write("off/function.json", """{"disabled":true}""");
        var request = new BuildRequest { PackageDigest = "x" };
        Assert.Contains("name: an app with several functions", Assert.Throws<FunctionFaultException>(() => ManifestReader.Read(_root, request)).Message, StringComparison.Ordinal);
        var manifest = ManifestReader.Read(_root, request with { Name = "both" }, out var app);
        Assert.Equal(("both", FunctionLanguage.JavaScript, "_toolrt_app.mjs"), (manifest.Name, manifest.Language, manifest.Entry));
        Assert.Equal(["tools.0({},ctx)", "tools.1({},ctx)"], app!.Tools.Select(t => t.Entry));
    }

    [Fact]
    public void EveryErrorNamesFileAndMember()
    {
        Write("host.json", """{"version":"1.0"}""");
        Write("a/function.json", "{\n\"bindings\": }");
        Write("b/function.json", """{"scriptFile":"../../etc/passwd","bindings":[{"type":"httpTrigger"},{"type":"mcpToolTrigger","name":"x","toolName":"a b","useResultSchema":true,"toolProperties":"{}"}]}""");
        Write("c/function.json", """{"scriptFile":"run.dll","bindings":[]}""");
        Write("c/run.dll", "");
        Write("d/function.json", """{"bindings":[{"type":"mcpToolTrigger","name":"x","toolName":"d","toolProperties":[{"propertyType":"string"},{"propertyName":"p","propertyType":"date"}]}]}""");
        Write("d/index.js", "");
        var fault = Assert.Throws<FunctionFaultException>(() => FunctionAppReader.Read(_root)).Fault;
        Assert.Equal(FaultCode.DeployRefused, fault.Code);
        foreach (var part in (string[])[
            "host.json: version: \"2.0\"", "a/function.json, line 2", "b/function.json: bindings[0].type: \"httpTrigger\" needs the full Azure Functions host, which comes later",
            "b/function.json: bindings[1].toolName: \"a b\"", "bindings[1].useResultSchema", "b/function.json: bindings[1].toolProperties: an array", "b/function.json: scriptFile: the app has no file",
            "c/function.json: bindings: an array", "c/function.json: scriptFile: run.dll needs", "d/function.json: bindings[0].toolProperties[0].propertyName: is missing",
            "d/function.json: bindings[0].toolProperties[1].propertyType: \"date\" is none of string"])
        {
            Assert.Contains(part, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TwoToolsOfOneNameAndTwoLanguagesAreRefused()
    {
        Write("one/function.json", Tool("same"));
        Write("one/index.js", "");
        Write("two/function.json", Tool("same"));
        Write("two/main.py", "");
        var message = Assert.Throws<FunctionFaultException>(() => FunctionAppReader.Read(_root)).Message;
        Assert.Contains("one, two: the toolName \"same\" is used 2 times", message, StringComparison.Ordinal);
        Assert.Contains("JavaScript and Python", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AManifestThatNamesAnEntryWins()
    {
        Write("one/function.json", "not json");
        Write("tool.py", "");
        Write("toolruntime.json", """{"entry":"tool.py"}""");
        Assert.Equal("tool.py", ManifestReader.Read(_root, new BuildRequest { PackageDigest = "x" }, out var app).Entry);
        Assert.Null(app);
    }

    private static string Tool(string name) => $$"""{"bindings":[{"type":"mcpToolTrigger","name":"call","toolName":"{{name}}"}]}""";

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
