using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>Folders in the schema of Azure Functions become tools that run.</summary>
public sealed class FunctionAppTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    private const string Host = """{"version":"2.0"}""";
    private const string Greet = """{"bindings":[{"type":"mcpToolTrigger","direction":"in","name":"call","toolName":"greet","toolProperties":"[{\"propertyName\":\"class\",\"propertyType\":\"string\",\"isRequired\":true}]"}]}""";
    private const string Add = """{"scriptFile":"../shared/adding.EXT","entryPoint":"add","bindings":[{"type":"mcpToolTrigger","direction":"in","name":"call","toolName":"add","toolProperties":[{"propertyName":"numbers","propertyType":"number","isArray":true}]}]}""";

    [Fact]
    public async Task APythonAppsFunctionsAreCalledWithThePayloadAsText() => await CheckAsync(
        [
            ("host.json", Host),
            ("greet/function.json", Greet),
            ("greet/__init__.py", "import json\nfrom ..shared.words import hello\ndef main(call: str, context) -> str:\n    got = json.loads(call)\n    return hello(got['arguments']['class']) + got['name'] + context.function_name\n"),
            ("shared/words.py", "def hello(name):\n    return f'hello {name} '\n"),
            ("add/function.json", Add.Replace("EXT", "py", StringComparison.Ordinal)),
            ("shared/adding.py", "import json\nasync def add(call):\n    return str(sum(json.loads(call)['arguments']['numbers']))\n"),
        ],
        "hello Ünal greetgreet");

    [Fact]
    public async Task AJavaScriptAppsFunctionsAreCalledWithThePayloadAsAnObject() => await CheckAsync(
        [
            ("host.json", Host),
            ("greet/function.json", Greet),
            ("greet/index.js", "module.exports = async function (context, call) {\n  context.log('asked');\n  return `hello ${context.bindingData.mcptoolargs.class} ${call.name}${context.executionContext.functionName}`;\n};\n"),
            ("add/function.json", Add.Replace("EXT", "mjs", StringComparison.Ordinal)),
            ("shared/adding.mjs", "export function add(context, call) { return String(context.bindings.call.arguments.numbers.reduce((a, b) => a + b, 0)); }\n"),
        ],
        "hello Ünal greetgreet");

    [Theory]
    [InlineData("greet/__init__.py", "def other(call): pass\n", "greet/__init__.py has no function 'main'")]
    [InlineData("greet/__init__.py", "def main(request): pass\n", "has no parameter 'call'")]
    [InlineData("greet/__init__.py", "import json\n\ndef main(:\n", "greet/__init__.py:3")]
    [InlineData("greet/index.js", "exports.a = () => 1; exports.b = () => 2;\n", "greet/index.js has no exported function, or more than one")]
    public async Task CodeThatDoesNotFitItsFunctionJsonIsRefused(string file, string code, string message)
    {
        using var deadline = RuntimeMachine.Deadline();
        var fault = (await machine.BuildAsync([("host.json", Host), ("greet/function.json", Greet), (file, code)], null, deadline.Token)).Fault;
        Assert.Equal(FaultCode.LoadFailed, fault.Code);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABindingOfTheFullHostIsRefusedByName()
    {
        using var deadline = RuntimeMachine.Deadline();
        var fault = (await machine.BuildAsync(
            [("host.json", Host), ("save/function.json", """{"bindings":[{"type":"blobTrigger","name":"blob"}]}"""), ("save/index.js", "")], null, deadline.Token)).Fault;
        Assert.Equal(FaultCode.DeployRefused, fault.Code);
        Assert.Contains("save/function.json: bindings[0].type: \"blobTrigger\" needs the full Azure Functions host, which comes later", fault.Message, StringComparison.Ordinal);
    }

    private async Task CheckAsync((string, string)[] files, string greeting)
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync(files, new { name = "app" }, deadline.Token);
        Assert.Equal(["add", "greet"], version.Tools.Select(t => t.Name));
        Assert.Equal(greeting, (await CallAsync(version, "greet", """{"class":"Ünal"}""", deadline.Token)).GetString());
        Assert.Equal("6", (await CallAsync(version, "add", """{"numbers":[1,2,3]}""", deadline.Token)).GetString());
    }

    private async Task<JsonElement> CallAsync(FunctionVersion version, string tool, string arguments, CancellationToken cancellationToken) =>
        (await machine.RunAsync(RuntimeMachine.Call(version, tool, Encoding.UTF8.GetBytes(arguments)), cancellationToken)).Value;
}
