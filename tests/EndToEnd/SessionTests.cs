using System.Text.Json;

using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>Live sessions of an MCP client while a new version is deployed, and what is left of them when they are over.</summary>
[Collection(InstanceTests.Name)]
public sealed class SessionTests(RunningInstance instance)
{
    private const string Code = """"
        import threading
        from toolruntime import Context

        count = 0
        opened = threading.Event()

        def NAME_bump() -> str:
            """State of one session."""
            global count
            count += 1
            return f"VERSION {count}"

        def NAME_hold(ctx: Context) -> str:
            """Runs until the same sandbox is told to open."""
            ctx.progress(1, 2, "begun")
            opened.wait()
            return f"VERSION {count}"

        def NAME_open() -> str:
            """Lets what is held go."""
            opened.set()
            return "VERSION"

        def NAME_VERSION() -> str:
            """Only this version has it."""
            return "VERSION"
        """";

    private const string Server = """"
        import json, sys

        TOOL = {"name": "NAME_bump", "description": "State of one session.", "inputSchema": {"type": "object"}}
        count = 0
        for line in sys.stdin:
            request = json.loads(line)
            if "id" not in request:
                continue
            result = {}
            if request["method"] == "initialize":
                result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "NAME", "version": "VERSION"}}
            elif request["method"] == "tools/list":
                result = {"tools": [TOOL]}
            elif request["method"] == "tools/call":
                count += 1
                result = {"content": [{"type": "text", "text": f"VERSION {count}"}]}
            print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
        """";

    [Fact]
    public async Task ALiveSessionFinishesOnTheVersionThatItBeganWith()
    {
        var name = NewName();
        await DeployAsync(name, "v1");
        await using var old = await ConnectAsync();
        var (begun, changed) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var listening = old.RegisterNotificationHandler(NotificationMethods.ToolListChangedNotification, (_, _) =>
        {
            changed.TrySetResult();
            return default;
        });
        Assert.Equal("v1 1", await CallAsync(old, $"{name}_bump"));
        var held = CallAsync(old, $"{name}_hold", new Progress(begun));
        await begun.Task.WaitAsync(Toolrt.Deadline);

        await DeployAsync(name, "v2");
        await changed.Task.WaitAsync(Toolrt.Deadline);
        await using var fresh = await ConnectAsync();

        Assert.Equal("v1 2", await CallAsync(old, $"{name}_bump"));
        Assert.Equal("v2 1", await CallAsync(fresh, $"{name}_bump"));
        Assert.Equal("v1", await CallAsync(old, $"{name}_open"));
        Assert.Equal("v1 2", await held.WaitAsync(Toolrt.Deadline));
        Assert.Equal("v1", await CallAsync(old, $"{name}_v1"));
        var unknown = await Assert.ThrowsAsync<McpProtocolException>(() => CallAsync(old, $"{name}_v2"));
        Assert.Contains("begin a new session", unknown.Message, StringComparison.Ordinal);
        Assert.Contains($"{name}_v1", await NamesAsync(old));
        Assert.DoesNotContain($"{name}_v2", await NamesAsync(old));
        Assert.Contains($"{name}_v2", await NamesAsync(fresh));
    }

    [Fact]
    public async Task ALiveSessionKeepsTheServerThatItBeganWith()
    {
        var name = NewName();
        await DeployServerAsync(name, "v1");
        await using var old = await ConnectAsync();
        Assert.Equal("v1 1", await CallAsync(old, $"{name}_bump"));

        await DeployServerAsync(name, "v2");
        await using var fresh = await ConnectAsync();

        Assert.Equal("v1 2", await CallAsync(old, $"{name}_bump"));
        Assert.Equal("v2 1", await CallAsync(fresh, $"{name}_bump"));
    }

    [Fact]
    public async Task ASharedFunctionGoesToTheNewVersionAtOnceInALiveSessionToo()
    {
        var name = NewName();
        await DeployAsync(name, "v1", "function");
        await using var session = await ConnectAsync();
        Assert.Equal("v1 1", await CallAsync(session, $"{name}_bump"));

        await DeployAsync(name, "v2", "function");

        Assert.Equal("v2 1", await CallAsync(session, $"{name}_bump"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatASessionHasInSandboxesEndsWithIt(bool isServer)
    {
        var name = NewName();
        await (isServer ? DeployServerAsync(name, "v1") : DeployAsync(name, "v1"));
        await using (var session = await ConnectAsync())
        {
            await CallAsync(session, $"{name}_bump");
            Assert.Equal(1, await SandboxesAsync(name));
        }

        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        while (await SandboxesAsync(name) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
        }
    }

    private static string NewName() => $"s{Guid.NewGuid():n}"[..12];

    private static async Task<string> CallAsync(McpClient client, string tool, IProgress<ProgressNotificationValue>? progress = null)
    {
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        var result = await client.CallToolAsync(tool, progress: progress, cancellationToken: deadline.Token);
        return result.Content.OfType<TextContentBlock>().First().Text;
    }

    private static async Task<List<string>> NamesAsync(McpClient client) => [.. (await client.ListToolsAsync()).Select(t => t.Name)];

    private async Task<McpClient> ConnectAsync()
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions { Endpoint = instance.Mcp, TransportMode = HttpTransportMode.StreamableHttp });
        return await McpClient.CreateAsync(transport, new McpClientOptions { ProtocolVersion = "2025-06-18" });
    }

    private Task DeployAsync(string name, string version, string isolation = "session") =>
        instance.DoAsync("deploy", instance.File($"{name}.py", Code.Replace("NAME", name, StringComparison.Ordinal).Replace("VERSION", version, StringComparison.Ordinal)), "--isolation", isolation);

    private async Task DeployServerAsync(string name, string version)
    {
        var entry = instance.File("server.py", Server.Replace("NAME", name, StringComparison.Ordinal).Replace("VERSION", version, StringComparison.Ordinal));
        var folder = Path.GetDirectoryName(entry)!;
        await File.WriteAllTextAsync(Path.Combine(folder, "toolruntime.json"), $$"""{"name":"{{name}}","language":"mcp","command":["python3","server.py"]}""");
        await instance.DoAsync("deploy", folder);
    }

    private async Task<int> SandboxesAsync(string function)
    {
        var status = await instance.JsonAsync("status");
        return status.GetProperty("runtime").GetProperty("functions").EnumerateArray()
            .Where(f => f.GetProperty("function").GetString() == function)
            .Sum(f => f.GetProperty("sandboxes").GetInt32() + f.GetProperty("booting").GetInt32());
    }

    private sealed class Progress(TaskCompletionSource begun) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => begun.TrySetResult();
    }
}
