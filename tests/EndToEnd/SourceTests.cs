using System.Net;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary><c>toolrt mcp</c> and <c>toolrt sets</c> as a user runs them: other people's servers in sandboxes, over stdio and over HTTP.</summary>
public sealed class SourceTests(RunningInstance instance) : IClassFixture<RunningInstance>
{
    private const string Fetching = """
        import json, os, sys, urllib.error, urllib.request

        # What is named localhost here is the host's: by the proxy, which Python would pass by.
        os.environ.pop("no_proxy", None), os.environ.pop("NO_PROXY", None)

        def fetch(url):
            try:
                return urllib.request.urlopen(url, timeout=20).read().decode()
            except urllib.error.HTTPError as error:
                return f"refused with {error.code}"

        for line in sys.stdin:
            request = json.loads(line)
            if "id" not in request:
                continue
            result = {}
            if request["method"] == "initialize":
                result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "out", "version": "1"}}
            elif request["method"] == "tools/list":
                result = {"tools": [{"name": "fetch", "description": "Fetches.", "inputSchema": {"type": "object", "properties": {"url": {"type": "string"}}}}]}
            elif request["method"] == "tools/call":
                result = {"content": [{"type": "text", "text": fetch(request["params"]["arguments"]["url"])}]}
            print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
        """;

    [Fact]
    public async Task AFolderOfTheMachineThatAServerCannotHaveIsNamed()
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-host-").FullName;

        var refused = await RunAsync("mcp", "add", "nofolder", "--", "npx", "-y", "@modelcontextprotocol/server-filesystem@2026.8.31", folder);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"--volume NAME:{folder}", refused.Errors, StringComparison.Ordinal);
        Directory.Delete(folder);
    }

    [Theory]
    [InlineData("sequential", "@modelcontextprotocol/server-sequential-thinking@2026.8.31", "sequentialthinking", """{"thought":"first","nextThoughtNeeded":false,"thoughtNumber":1,"totalThoughts":1}""", "thoughtHistoryLength")]
    [InlineData("files", "@modelcontextprotocol/server-filesystem@2026.8.31", "list_allowed_directories", "{}", "/home/user")]
    [InlineData("memory", "@modelcontextprotocol/server-memory@2026.8.31", "read_graph", "{}", "entities")]
    public async Task AServerOfOthersIsAddedCalledChosenAndRemoved(string name, string package, string tool, string arguments, string expected)
    {
        string[] folder = name == "files" ? ["/home/user"] : [];
        string[] options = name == "memory" ? ["--env", "MEMORY_FILE_PATH=/home/user/memory.json"] : [];
        await AddAsync(["mcp", "add", name, .. options, "--", "npx", "-y", package, .. folder]);

        var listed = await instance.JsonAsync("mcp", "ls");
        var called = await instance.DoAsync("call", $"{name}_{tool}", arguments);
        await instance.DoAsync("sets", "add", "chosen", $"{name}:{name}_{tool}");
        var chosen = await Npm.RunAsync("-e", $"import('@modelcontextprotocol/sdk/client/index.js').then(async ({{Client}}) => {{ const {{StreamableHTTPClientTransport: T}} = await import('@modelcontextprotocol/sdk/client/streamableHttp.js'); const c = new Client({{name:'t',version:'1'}}); await c.connect(new T(new URL('{instance.Url}mcp/sets/chosen'))); console.log(JSON.stringify((await c.listTools()).tools.map(t => t.name))); await c.close(); }})");

        var source = listed.GetProperty("sources").EnumerateArray().Single(s => s.GetProperty("name").GetString() == name);
        Assert.Equal(("sandbox", $"{name}_"), (source.GetProperty("kind").GetString(), source.GetProperty("prefix").GetString()));
        Assert.Contains(expected, called.Output, StringComparison.Ordinal);
        Assert.Equal([$"{name}_{tool}"], JsonSerializer.Deserialize<string[]>(chosen.Output)!);
        await instance.DoAsync("mcp", "rm", name);
        Assert.NotEqual(0, (await instance.RunAsync("call", $"{name}_{tool}", arguments)).ExitCode);
    }

    [Fact]
    public async Task AServerThatSpeaksHttpInItsSandboxWorksLikeOneThatSpeaksStdio()
    {
        await AddAsync("mcp", "add", "web", "--port", "3000", "--env", "PORT=3000", "--isolation", "tenant", "--", "npx", "-y", "@modelcontextprotocol/server-everything@2026.8.31", "streamableHttp");

        var called = await instance.DoAsync("call", "web_echo", """{"message":"over the port"}""");

        Assert.Contains("over the port", called.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerReachesWhatItWasGivenAndNothingElse()
    {
        var (open, shut) = (Toolrt.FreePort(), Toolrt.FreePort());
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://localhost:{open}/");
        listener.Prefixes.Add($"http://localhost:{shut}/");
        listener.Start();
        var answering = AnswerAsync(listener);
        await AddAsync("mcp", "add", "outward", "--egress", $"localhost:{open}", "--", "python3", "-c", Fetching);

        var reached = await instance.DoAsync("call", "outward_fetch", $$"""{"url":"http://localhost:{{open}}/"}""");
        var refused = await instance.DoAsync("call", "outward_fetch", $$"""{"url":"http://localhost:{{shut}}/"}""");

        Assert.Equal(("reached", "refused with 403"), (reached.Output.Trim(), refused.Output.Trim()));
        // Not stopped before: what is stopped binds its port once more to be disposed of.
        listener.Close();
        await answering;
    }

    [Theory]
    [InlineData("--egress", "not a host", "not a host, address or network", 6)]
    [InlineData("--volume", "data", "not of the form NAME:/path", 2)]
    [InlineData("--header", "A=b", "--header is for remote servers", 2)]
    public async Task WhatASandboxCannotKeepIsRefused(string option, string value, string reason, int exitCode)
    {
        var refused = await RunAsync("mcp", "add", "x", option, value, "--", "npx", "-y", "@modelcontextprotocol/server-memory");

        Assert.Equal(exitCode, refused.ExitCode);
        Assert.Contains(reason, refused.ToString(), StringComparison.Ordinal);
    }

    /// <summary>What stands after -- is the server's: the instance must be named before.</summary>
    private Task<CommandResult> RunAsync(params string[] words) => CommandResult.OfAsync(Path.Combine(Toolrt.Root, "toolrt"), ["--data", instance.Data, .. words]);

    private static async Task AnswerAsync(HttpListener listener)
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                await context.Response.OutputStream.WriteAsync("reached"u8.ToArray());
                context.Response.Close();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AddAsync(params string[] words)
    {
        var added = await RunAsync(words);
        Assert.True(added.ExitCode == 0, added.ToString());
    }
}
