using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>Packages into versions, and what is refused.</summary>
public sealed class BuildTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    [Theory]
    [InlineData("x.py", "def broken(:\n    pass\n", FaultCode.LoadFailed, "line 1")]
    [InlineData("x.py", "import nothing_of_the_kind\n", FaultCode.LoadFailed, "nothing_of_the_kind")]
    [InlineData("x.py", "_private = 1\n", FaultCode.LoadFailed, "function")]
    [InlineData("x.py", "import os\nos._exit(4)\n", FaultCode.LoadFailed, "exited with code 4")]
    [InlineData("x.py", "import socket\ndef read(x: socket.socket) -> int:\n    return 1\n", FaultCode.LoadFailed, "x.py:2: parameter 'x' of 'read': the type socket has no JSON form")]
    [InlineData("x.ts", "/** x */\nexport function q(a: Date) { return 1; }\n", FaultCode.LoadFailed, "x.ts:2: parameter 'a' of 'q': a Date cannot come as JSON")]
    [InlineData("x.py", "from toolruntime import tool\n@tool(name='same')\ndef a(): pass\n@tool(name='same')\ndef b(): pass\n", FaultCode.LoadFailed, "a tool named 'same' is already defined")]
    [InlineData("x.mjs", "export const a = Object.assign(() => 1, { tool: { name: 'same' } });\nexport const b = Object.assign(() => 2, { tool: { name: 'same' } });\n", FaultCode.LoadFailed, "two tools are named 'same'")]
    [InlineData("x.sh", "echo hi\n", FaultCode.LoadFailed, "x.sh:1: The script has no description")]
    [InlineData("x.sh", "# Does.\n# @param x {strnig} It.\n", FaultCode.LoadFailed, "'strnig' is no type")]
    [InlineData("x.sh", "# Does.\nif true; then\n", FaultCode.LoadFailed, "bash does not accept the script")]
    [InlineData("x.rb", "def add; end\n", FaultCode.DeployRefused, "the manifest: x.rb: unknown language")]
    public async Task ABadFileIsRefusedWithItsReason(string file, string text, FaultCode code, string message)
    {
        using var deadline = RuntimeMachine.Deadline();
        var fault = (await machine.BuildAsync([(file, text)], null, deadline.Token)).Fault;
        Assert.Equal(code, fault.Code);
        Assert.Contains(message, fault.Message + fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TypeScriptIsStrippedAtDeployAndNotByCalls()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string other = "export enum Level { Low = 1, High = 2 }\nexport type Name = string;\n";
        const string code = """
            import { Level, type Name } from './level.js';
            export function loaded(name: Name): { level: number, strips: boolean, place: string } {
              const modules = (process as any).moduleLoadList as string[];
              const place = new Error(name).stack!.split('\n')[1].match(/loaded.ts:\d+/)![0];
              return { level: Level.High, strips: modules.some((module) => module.includes('amaro')), place };
            }
            """;
        var version = await machine.DeployAsync([("loaded.ts", code), ("level.ts", other)], new { entry = "loaded.ts" }, deadline.Token);

        var value = (await machine.CallAsync(version, """{"name":"x"}""", deadline.Token)).Value;

        Assert.Equal("""{"level":2,"strips":false,"place":"loaded.ts:4"}""", value.GetRawText());
    }

    [Fact]
    public async Task NodePackagesAreInstalledIntoALayer()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string code = "import isNumber from 'is-number';\n/** @param {string} text */\nexport function check(text) { return isNumber(text); }\n";
        var ended = await machine.BuildAsync([("check.mjs", code), ("package.json", """{"dependencies":{"is-number":"7.0.0"}}""")], new { entry = "check.mjs" }, deadline.Token);
        Assert.True(ended.Terminal.Kind == EventKind.Completed, ended.Json);
        Assert.Contains(ended.Events, e => Encoding.UTF8.GetString(e.Data.Span).Contains("installing npm packages", StringComparison.Ordinal));
        var version = ended.Value.GetProperty("version").Deserialize(FunctionsJson.Default.FunctionVersion)!;
        Assert.Contains(version.Layers, l => l.Kind == LayerKind.NodeModules);
        Assert.True((await machine.CallAsync(version, """{"text":"12"}""", deadline.Token)).Value.GetBoolean());
    }

    [Fact]
    public async Task APackageManagersErrorIsShown()
    {
        using var deadline = RuntimeMachine.Deadline();
        var fault = (await machine.BuildAsync([("x.mjs", "export function x() {}"), ("package.json", """{"dependencies":{"is-number":"999.0.0"}}""")], null, deadline.Token)).Fault;
        Assert.Equal(FaultCode.DependencyFailed, fault.Code);
        Assert.Contains("is-number", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AProgramThatIsNotThereIsNamed()
    {
        using var deadline = RuntimeMachine.Deadline();
        var fault = (await machine.BuildAsync([("x.txt", "")], new { name = "x", command = new[] { "no-such-program" } }, deadline.Token)).Fault;
        Assert.Equal(FaultCode.LoadFailed, fault.Code);
        Assert.Contains("Cannot start no-such-program: it is not on PATH", fault.Message, StringComparison.Ordinal);
        Assert.Contains("npx -y", fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnMcpServerIsInstalledStartedAndListed()
    {
        using var deadline = RuntimeMachine.Deadline();
        var ended = await machine.BuildAsync(new BuildRequest { PackageDigest = "", McpCommand = ["npx", "-y", "@modelcontextprotocol/server-everything"] }, deadline.Token);
        Assert.True(ended.Terminal.Kind == EventKind.Completed, ended.Json);
        var version = ended.Value.GetProperty("version").Deserialize(FunctionsJson.Default.FunctionVersion)!;
        Assert.Equal("node", version.Manifest.Command[0]);
        Assert.StartsWith("/layers/node_modules/@modelcontextprotocol/server-everything/", version.Manifest.Command[1], StringComparison.Ordinal);
        Assert.Contains(version.Tools, t => t.Name == "echo");
    }
}
