using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Gateway.Schemas;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>The schema validator against ajv, on generated schemas and values (all keywords but unevaluated…, see <see cref="RandomSchemas"/>). A failure prints the seed; the same seed replays it.</summary>
public sealed class SchemaJudgeTests
{
    private const int Schemas = 1500;
    private const int ValuesEach = 12;
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task ItSaysWhatAjvSays()
    {
        var seed = TestSeed.Next();
        var random = new RandomSchemas(seed);
        using var ajv = await Npm.StartAsync("ajv.mjs");
        using var patience = new CancellationTokenSource(s_deadline);
        var (compared, accepted) = (0, 0);
        for (var i = 0; i < Schemas; i++)
        {
            var (schema, values) = (random.Schema(), Enumerable.Range(0, ValuesEach).Select(_ => random.Value()).ToList());
            var question = new JsonObject { ["schema"] = schema.DeepClone(), ["values"] = new JsonArray([.. values]) }.ToJsonString();
            await ajv.StandardInput.WriteLineAsync(question.AsMemory(), patience.Token);
            await ajv.StandardInput.FlushAsync(patience.Token);
            var theirs = JsonSerializer.Deserialize<bool[]?>((await ajv.StandardOutput.ReadLineAsync(patience.Token))!);
            var ours = Ask(schema, values);
            Assert.True(theirs is null || (ours is not null && ours.SequenceEqual(theirs)), $"{TestSeed.Replay(seed)}, schema {i}: {question}\najv {Show(theirs)}\nours {Show(ours)}");
            compared += theirs is null ? 0 : 1;
            accepted += theirs?.Count(v => v) ?? 0;
        }

        // The comparison means nothing unless most schemas compile and values fall on both sides.
        Assert.InRange(compared, Schemas * 9 / 10, Schemas);
        Assert.InRange(accepted, compared * ValuesEach / 20, compared * ValuesEach * 19 / 20);
        ajv.Kill();
    }

    private static bool[]? Ask(JsonNode schema, List<JsonNode?> values)
    {
        try
        {
            var compiled = JsonSchema.Compile(JsonSerializer.SerializeToElement(schema));
            return [.. values.Select(v => compiled.Validate(JsonSerializer.SerializeToElement(v)).Count == 0)];
        }
        catch (SchemaException)
        {
            return null;
        }
    }

    private static string Show(bool[]? answers) => answers is null ? "refuses" : string.Concat(answers.Select(a => a ? '1' : '0'));
}
