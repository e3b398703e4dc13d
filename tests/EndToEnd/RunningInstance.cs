using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>One instance for all tests that only use it: started by <c>toolrt up --detach</c>, ended by <c>toolrt down</c>.</summary>
public sealed class RunningInstance : IAsyncLifetime
{
    public string Data { get; } = Directory.CreateTempSubdirectory("toolrt-e2e-").FullName;

    public int Port { get; } = Toolrt.FreePort();

    /// <summary>Where ports of sandboxes have names over TLS.</summary>
    public int TlsPort { get; } = Toolrt.FreePort();

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public Uri Mcp => new(Url, "/mcp");

    public async ValueTask InitializeAsync()
    {
        var up = await Toolrt.RunAsync(Data, "up", "--detach", "--port", $"{Port}", "--tls-port", $"{TlsPort}");
        Assert.True(up.ExitCode == 0, up.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await Toolrt.RunAsync(Data, "down");
        Directory.Delete(Data, recursive: true);
    }

    internal Task<CommandResult> RunAsync(params string[] arguments) => Toolrt.RunAsync(Data, arguments);

    /// <summary>Runs a command that must succeed.</summary>
    internal async Task<CommandResult> DoAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    internal async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var result = await DoAsync([.. arguments, "--json"]);
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    /// <summary>Reads a function's logs until they hold a text: a line is stored soon after the call, which does not wait for it.</summary>
    internal async Task<string> LogsAsync(string function, string text, params string[] options)
    {
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        while (true)
        {
            var logs = await DoAsync(["logs", function, .. options]);
            if (logs.Output.Contains(text, StringComparison.Ordinal))
            {
                return logs.Output;
            }

            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Writes a file into a fresh folder and gives its path.</summary>
    internal string File(string name, string content)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(Data, "files", Guid.NewGuid().ToString("n"))).FullName, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}

/// <summary>Tests in this collection share the instance.</summary>
[CollectionDefinition(Name)]
public sealed class InstanceTests : ICollectionFixture<RunningInstance>
{
    public const string Name = "one running instance";
}

/// <summary>Tests in this collection share an instance for sandboxes that are driven: they take as long as all the others together.</summary>
[CollectionDefinition(Name)]
public sealed class SandboxInstanceTests : ICollectionFixture<RunningInstance>
{
    public const string Name = "one instance for sandboxes";
}
