using System.Text.RegularExpressions;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>E2B's own SDKs from npm, five versions of them and the code interpreter's: all that they offer is driven, and docs/e2b.md says what came of it.</summary>
[Collection(SandboxInstanceTests.Name)]
public sealed partial class E2bTests(RunningInstance instance)
{
    [Theory]
    [InlineData("e2b")]
    [InlineData("e2b-2.50")]
    [InlineData("e2b-2.39")]
    [InlineData("e2b-2.30")]
    [InlineData("e2b-2.20")]
    public async Task AnSdkFindsWhatItOffersAndTheMatrixSaysSo(string package)
    {
        var ran = await RunAsync("e2b/judge.mjs", package);

        var lines = ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var failed = lines.Where(l => l.StartsWith("FAIL ", StringComparison.Ordinal)).ToList();
        Assert.True(failed.Count == 0, string.Join('\n', failed));
        Assert.True(ran.ExitCode == 0, ran.ToString());
        var version = lines[0]["version ".Length..];
        var seen = lines.Skip(1).Select(l => Line().Match(l)).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["kind"].Value == "ok" ? "✓" : $"since {m.Groups["since"].Value}", StringComparer.Ordinal);
        Assert.Equal(await MatrixAsync(version), seen);
    }

    [Fact]
    public async Task ManyAttemptsStartFromOnePreparedState()
    {
        var ran = await RunAsync("e2b/attempts.mjs", "20");
        Assert.True(ran.ExitCode == 0, ran.ToString());
        Assert.Equal("best 19 of 20, score 20\nprepared still has 1000, a sandbox of the snapshot has 1000\n", ran.Output);
    }

    private async Task<CommandResult> RunAsync(string script, string argument)
    {
        await Npm.InstalledAsync();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["E2B_API_URL"] = instance.Url.ToString().TrimEnd('/'),
            ["E2B_SANDBOX_URL"] = instance.Url.ToString().TrimEnd('/'),
            ["E2B_VOLUME_API_URL"] = instance.Url.ToString().TrimEnd('/'),
            ["E2B_API_KEY"] = (await File.ReadAllTextAsync(Path.Combine(instance.Data, "local.key"))).Trim(),
            ["NODE_EXTRA_CA_CERTS"] = Path.Combine(instance.Data, "sandboxes-ca.pem"),
        };
        return await CommandResult.OfAsync(Npm.Node, ["--import", "./e2b/hosts.mjs", script, argument], folder: Npm.Folder, environment: environment);
    }

    /// <summary>One version's column of the matrix.</summary>
    private static async Task<Dictionary<string, string>> MatrixAsync(string version)
    {
        var rows = (await File.ReadAllLinesAsync(Path.Combine(Toolrt.Root, "docs", "e2b.md")))
            .Where(l => l.StartsWith('|'))
            .Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .ToList();
        var column = rows.Select(r => Array.IndexOf(r, $"e2b {version}")).First(i => i > 0);
        return rows.Where(r => r.Length > column && Check().IsMatch(r[0])).ToDictionary(r => r[0], r => r[column], StringComparer.Ordinal);
    }

    [GeneratedRegex("^(?<kind>ok|absent) (?<name>.+?)( since (?<since>[0-9.]+))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    [GeneratedRegex("^[a-z]+\\.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Check();
}
