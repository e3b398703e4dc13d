using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>Durable streams on a gateway of their own: the protocol's suite and client, the command line, the documents' example.</summary>
public sealed partial class StreamTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("toolrt-streams-").FullName;
    private readonly int _port = Toolrt.FreePort();

    private static string Scripts => Path.Combine(Npm.Folder, "streams");

    private string Streams => $"http://127.0.0.1:{_port}/v1/streams";

    public async ValueTask InitializeAsync()
    {
        await Npm.InstalledAsync();
        var configuration = Path.Combine(_data, "host.json");
        await File.WriteAllTextAsync(configuration, """{"version":"2.0","toolruntime":{"streams":{"longPollSeconds":1}}}""");
        await DoAsync("up", "--detach", "--role", "gateway", "--port", _port.ToString(CultureInfo.InvariantCulture), "--config", configuration);
    }

    public async ValueTask DisposeAsync()
    {
        await Toolrt.RunAsync(_data, "down");
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task TheProtocolsSuitePassesButForWhatIsNamed()
    {
        var results = await RunSuiteAsync();
        var expected = (await File.ReadAllLinesAsync(Path.Combine(Scripts, "expected-failures.txt"))).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(": ")[0]).ToList();
        // Streams of two seconds that are used every 1.5 s: half a second is less than a busy machine stands still now and then. Whoever fails alone too has failed.
        var timed = results.Where(r => r.Failed && !expected.Contains(r.Name, StringComparer.Ordinal) && r.Name.StartsWith("TTL Expiration Behavior ", StringComparison.Ordinal)).Select(r => r.Name).ToList();
        if (timed.Count > 0)
        {
            var again = await RunSuiteAsync("--testNamePattern", $"^({string.Join('|', timed.Select(Regex.Escape))})$");
            results = [.. results.Where(r => !timed.Contains(r.Name, StringComparer.Ordinal)), .. again.Where(r => timed.Contains(r.Name, StringComparer.Ordinal))];
        }

        var failures = string.Join('\n', results.Where(r => r.Failed).Select(r => $"{r.Name}: {r.Message}"));
        Assert.True(results.Where(r => r.Failed).Select(r => r.Name).Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal), StringComparer.Ordinal), failures);
        Assert.True(results.Count(r => r.Status == "passed") > 300, $"{results.Count} results");
        Assert.All(results.Where(r => r.Status is "skipped" or "pending"), r => Assert.StartsWith("Reserved subscription APIs", r.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheProtocolsClientWritesOnceAndReadsLateAndLive()
    {
        var client = await Npm.RunAsync(Path.Combine(Scripts, "client.mjs"), $"{Streams}/client/{Guid.NewGuid():n}");

        Assert.True(client.ExitCode == 0, client.ToString());
        Assert.Equal(["live: The answer is 42.", "late: The answer is 42.", "closed: true", "deleted: 404"], client.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task TheCommandLineMakesAppendsFollowsAndRemoves()
    {
        await DoAsync("streams", "create", "notes/1", "--ttl", "600");
        var following = Toolrt.RunAsync(_data, "streams", "read", "notes/1", "--follow");
        var first = await DoAsync("streams", "append", "notes/1", "Hello, ");
        await DoAsync("streams", "append", "notes/1", "world", "--close");

        Assert.Equal("Hello, world", (await following).Output.Trim());
        Assert.Equal("world", (await DoAsync("streams", "read", "notes/1", "--offset", first.Output.Trim())).Output.Trim());
        var closed = await Toolrt.RunAsync(_data, "streams", "append", "notes/1", "late");
        Assert.Equal(6, closed.ExitCode);
        Assert.Contains("nothing can be appended to a closed stream", closed.Errors, StringComparison.Ordinal);
        await DoAsync("streams", "rm", "notes/1");
        Assert.Equal(6, (await Toolrt.RunAsync(_data, "streams", "read", "notes/1")).ExitCode);
    }

    [Fact]
    public async Task TheChatOfTheDocumentsRuns()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Toolrt.Root, "docs", "streams.md"));
        var example = Path.Combine(_data, "chat.mjs");
        await File.WriteAllTextAsync(example, ScriptBlock().Match(text).Groups["code"].Value);

        var chat = await CommandResult.OfAsync(Npm.Node, [example], environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["TOOLRT_STREAMS"] = Streams });

        Assert.True(chat.ExitCode == 0, chat.ToString());
        Assert.Equal("The answer is 42.", chat.Output.Trim());
    }

    private async Task<List<SuiteResult>> RunSuiteAsync(params string[] options)
    {
        var report = Path.Combine(_data, $"report-{Guid.NewGuid():n}.json");
        var suite = await CommandResult.OfAsync(
            Npm.Node,
            [Path.Combine(Npm.Folder, "node_modules", "vitest", "vitest.mjs"), "run", "--config", "vitest.config.mjs", "--reporter=json", $"--outputFile={report}", .. options],
            folder: Scripts,
            environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["TOOLRT_STREAMS"] = Streams });
        Assert.True(File.Exists(report), suite.ToString());
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(report));
        return [.. document.RootElement.GetProperty("testResults").EnumerateArray().SelectMany(f => f.GetProperty("assertionResults").EnumerateArray()).Select(r => new SuiteResult(
            r.GetProperty("fullName").GetString()!,
            r.GetProperty("status").GetString()!,
            r.TryGetProperty("failureMessages", out var messages) ? string.Join('\n', messages.EnumerateArray()) : ""))];
    }

    private async Task<CommandResult> DoAsync(params string[] arguments)
    {
        var result = await Toolrt.RunAsync(_data, arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    [GeneratedRegex("```js\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScriptBlock();

    private sealed record SuiteResult(string Name, string Status, string Message)
    {
        public bool Failed => Status == "failed";
    }
}
