using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Clients;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;
using ToolRuntime.Tests.Integration.Sdk;

namespace ToolRuntime.Tests.Integration.OpenApi.Clients;

/// <summary>Generated clients are compiled by Python, Node and TypeScript, and called.</summary>
public sealed class GeneratedClientTests : IDisposable
{
    private static readonly string[] s_names =
        ["from", "self", "class", "per-page", "filter[name]", "constructor", "import", "名前", "x-y", "x_y", "None", "delete", "await", "__proto__", "call", "Any", "print"];

    private static readonly string[] s_schemas =
    [
        """{"type":"string"}""", """{"type":["integer","null"]}""", """{"enum":["a\"b","\\",null,1,true]}""", """{"type":"array","items":{"type":"object","properties":{"a-b":{"type":"string"}}}}""",
        """{"type":"object","properties":{"class":{"type":"number"},"tags":{"type":"array","items":{"type":"string"}}}}""", """{"oneOf":[{"type":"string"},{"type":"object"}]}""", "{}", "true",
        """{"type":"object","properties":{"deep":{"type":"object","properties":{"er":{"type":"string"}}}}}""",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-clients-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task PythonCompilesAndCallsWhatItSays()
    {
        var methods = ClientSurface.Of(Tools(), "p_").Methods;
        await File.WriteAllTextAsync(Path.Combine(_folder, "client.py"), PythonClient.Write(methods));
        await RunAsync("python3", "-m", "py_compile", "client.py");
        var script = new StringBuilder("import json, client\nrecorded = []\nc = client.Client(lambda name, arguments: recorded.append([name, arguments]))\n");
        foreach (var method in methods)
        {
            var arguments = MethodArgument.Of(method.Tool).Select((a, i) => $"{Identifiers.Python(a.Name)}={(i % 2 == 0 ? "None" : $"\"{i}\"")}");
            script.Append($"c.{Identifiers.Python(method.Group)}.{Identifiers.Python(method.Name)}({string.Join(", ", arguments.Skip(1).Prepend(Required(method)))})\n");
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "script.py"), script + "print(json.dumps(recorded))\n");
        AssertRecorded(methods, await RunAsync("python3", "script.py"));
    }

    [Fact]
    public async Task JavaScriptIsImportedAndCallsWhatItSays()
    {
        var node = (await NodeTools.GetAsync()).Node;
        var methods = ClientSurface.Of(Tools(), "p_").Methods;
        await File.WriteAllTextAsync(Path.Combine(_folder, "client.mjs"), JavaScriptClient.Write(methods));
        var script = new StringBuilder("import { createClient } from './client.mjs';\nconst recorded = [];\nconst c = createClient((name, args) => recorded.push([name, args]));\n");
        foreach (var method in methods)
        {
            var arguments = new JsonObject(MethodArgument.Of(method.Tool).Select((a, i) => KeyValuePair.Create(a.Argument, i == 0 ? JsonValue.Create("r") : i % 2 == 0 ? null : (JsonNode?)JsonValue.Create($"{i}"))));
            script.Append($"c.{Identifiers.JavaScript(method.Group)}.{Identifiers.JavaScript(method.Name)}(JSON.parse({JsonSerializer.Serialize(arguments.ToJsonString())}));\n");
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "script.mjs"), script + "console.log(JSON.stringify(recorded));\n");
        AssertRecorded(methods, await RunAsync(node, "script.mjs"));
    }

    [Fact]
    public async Task TypesAreTypeScript()
    {
        var node = (await NodeTools.GetAsync()).Node;
        var methods = ClientSurface.Of(Tools(), "p_").Methods;
        await File.WriteAllTextAsync(Path.Combine(_folder, "client.d.ts"), JavaScriptClient.WriteTypes(methods));
        await File.WriteAllTextAsync(Path.Combine(_folder, "use.ts"), "import { createClient } from './client';\nconst c = createClient((name: string, args: Record<string, unknown>) => name);\n// @ts-expect-error: the required argument is missing\nc.g0.m0({});\nexport const done: Promise<any> = c.g0.m0({ needed: \"r\" });\n");
        await RunAsync(node, Path.Combine(NodeTools.Modules, "typescript", "bin", "tsc"), "--strict", "--noEmit", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "use.ts");
    }

    [Fact]
    public void TenThousandMethodsAreWritten()
    {
        var tools = Enumerable.Range(0, 11_422).Select(i => Tool(i, $"group{i % 300}")).ToArray();
        var surface = ClientSurface.Of(tools, "p_");
        Assert.NotEmpty(PythonClient.Write(surface.Methods));
        Assert.NotEmpty(JavaScriptClient.Write(surface.Methods));
        Assert.NotEmpty(JavaScriptClient.WriteTypes(surface.Methods));
    }

    private static ApiTool[] Tools() => [.. Enumerable.Range(0, s_names.Length * 2).Select(i => Tool(i, i % 3 == 0 ? "g0" : s_names[i % s_names.Length]))];

    // The first argument is required, the others are made of hostile names and all kinds of schemas.
    private static ApiTool Tool(int number, string tag)
    {
        var properties = new JsonObject { ["needed"] = JsonNode.Parse(s_schemas[0]) };
        for (var i = 0; i < 5; i++)
        {
            properties.TryAdd(s_names[((number * 3) + (i * 5)) % s_names.Length], JsonNode.Parse(s_schemas[(number + i) % s_schemas.Length]));
        }

        var schema = Encoding.UTF8.GetBytes(new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = new JsonArray("needed") }.ToJsonString());
        var name = number == 0 ? "p_m0" : $"p_{s_names[number % s_names.Length]}_{number}";
        return new ApiTool(new ApiOperation { Pointer = "", Method = "GET", Path = "/x", Tags = [tag] }, () => schema, () => null)
        {
            Name = name,
            Description = "Does \"\"\" something */ \\ and\nmore",
            Annotations = "{}"u8.ToArray(),
            Bindings = [],
        };
    }

    private static string Required(ClientMethod method) => $"{Identifiers.Python(MethodArgument.Of(method.Tool)[0].Name)}=\"r\"";

    private static void AssertRecorded(IReadOnlyList<ClientMethod> methods, string output)
    {
        var recorded = JsonElement.Parse(output);
        Assert.Equal(methods.Select(m => m.Tool.Name), recorded.EnumerateArray().Select(r => r[0].GetString()));
        foreach (var (method, call) in methods.Zip(recorded.EnumerateArray()))
        {
            var arguments = MethodArgument.Of(method.Tool);
            Assert.Equal(arguments.Select(a => a.Argument), call[1].EnumerateObject().Select(p => p.Name));
            Assert.Equal("r", call[1].GetProperty("needed").GetString());
            Assert.Equal(JsonValueKind.Null, call[1].GetProperty(arguments[2].Argument).ValueKind);
        }
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await errors);
        return await output;
    }
}
