using System.Text.Json.Nodes;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sdk;

/// <summary>One file of Signatures/ with what its inspection must say beside it, for each language.</summary>
public sealed class SignatureTests
{
    private const string Expected = ".expected.json";

    public static TheoryData<string> Cases() =>
        new(Directory.EnumerateFiles(SdkFiles.Signatures, "*" + Expected).Select(file => Path.GetFileName(file)[..^Expected.Length]).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task AFileGivesExactlyTheseTools(string file)
    {
        var found = await InspectAsync(file);
        var path = Path.Combine(SdkFiles.Signatures, file + Expected);

        var expected = JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject();
        Assert.True(JsonNode.DeepEquals(expected, found), $"{file}: expected\n{expected}\nbut found\n{found.ToJsonString()}");
    }

    [Fact]
    public async Task EveryCaseHasItsExpectation()
    {
        var files = Directory.EnumerateFiles(SdkFiles.Signatures).Where(file => !file.EndsWith(Expected, StringComparison.Ordinal));
        Assert.All(files, file => Assert.True(File.Exists(file + Expected), file));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task EverySchemaCompilesInAnotherValidator()
    {
        var schemas = new JsonArray();
        foreach (var path in Directory.EnumerateFiles(SdkFiles.Signatures, "*" + Expected))
        {
            foreach (var tool in JsonNode.Parse(await File.ReadAllTextAsync(path))!["tools"]?.AsArray() ?? [])
            {
                schemas.Add(tool!["inputSchema"]!.DeepClone());
                schemas.Add(tool["outputSchema"]?.DeepClone());
                Assert.True(Names.IsTool((string)tool["name"]!));
            }
        }

        var node = await NodeTools.GetAsync();
        var judgement = await node.RunAsync(Path.Combine(SdkFiles.Root, "tests", "Integration", "Sdk", "judge.cjs"), schemas.ToJsonString());
        Assert.Equal("all compile\n", judgement);
        Assert.True(schemas.Count > 40);
    }

    private static async Task<JsonObject> InspectAsync(string file)
    {
        await using var worker = file.EndsWith(".py", StringComparison.Ordinal) ? await WorkerProcess.PythonAsync() : await WorkerProcess.NodeAsync();
        var answer = await worker.LoadAsync(Path.Combine(SdkFiles.Signatures, file), inspect: true);
        Assert.True(answer.Type is WorkerFrameType.Loaded or WorkerFrameType.LoadFailed);
        answer.Body.Remove("detail");
        return answer.Body;
    }
}
