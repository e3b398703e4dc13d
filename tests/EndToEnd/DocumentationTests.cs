using System.Text.RegularExpressions;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>The code in the documents runs; on an instance of its own, where no other test's tool has its names.</summary>
public sealed partial class DocumentationTests(RunningInstance instance) : IClassFixture<RunningInstance>
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/functions.md")]
    [InlineData("docs/state.md")]
    [InlineData("docs/jobs.md")]
    public async Task EveryPythonBlockDeploys(string document)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Toolrt.Root, document));
        var blocks = PythonBlock().Matches(text).Select(m => m.Groups["code"].Value).ToList();

        Assert.NotEmpty(blocks);
        for (var i = 0; i < blocks.Count; i++)
        {
            await instance.DoAsync("deploy", instance.File($"doc{i}.py", blocks[i]), "--name", $"doc{i}");
            await instance.DoAsync("rm", $"doc{i}");
        }
    }

    [Fact]
    public void TheReadmeIsShortAndItsLinksLead()
    {
        var text = File.ReadAllText(Path.Combine(Toolrt.Root, "README.md"));

        Assert.InRange(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 100, 900);
        Assert.All(Link().Matches(text).Select(m => m.Groups["to"].Value), to => Assert.True(Path.Exists(Path.Combine(Toolrt.Root, to)), to));
    }

    [GeneratedRegex("```python\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PythonBlock();

    [GeneratedRegex(@"\]\((?<to>(?!http)[^)]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
