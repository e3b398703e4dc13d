using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

using ModelContextProtocol.Client;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>The verbs as a user types them, and the messages of what cannot work.</summary>
[Collection(InstanceTests.Name)]
public sealed class CommandLineTests(RunningInstance instance)
{
    [Theory]
    [InlineData("python", ".py")]
    [InlineData("javascript", ".mjs")]
    [InlineData("typescript", ".ts")]
    [InlineData("shell", ".sh")]
    [InlineData("csharp", ".csx")]
    public async Task WhatInitWritesDeploysAndRuns(string language, string extension)
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-init-").FullName;
        var name = $"hello_{language}";
        var written = await CommandResult.OfAsync(Path.Combine(Toolrt.Root, "toolrt"), ["init", language, "--name", name], folder: folder);
        Assert.True(written.ExitCode == 0, written.ToString());

        await instance.DoAsync("deploy", Path.Combine(folder, name + extension));
        var called = await instance.DoAsync("call", name, """{"name":"Ada","times":2}""");

        Assert.Equal(2, called.Output.Split("Hello, Ada!").Length - 1);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task AFolderIsDeployedUnderItsOwnNameAndNotItsFiles()
    {
        var parent = Directory.CreateTempSubdirectory("toolrt-folder-").FullName;
        foreach (var name in new[] { "north", "south" })
        {
            var folder = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "main.py"), $"def go_{name}() -> str:\n    \"\"\"Goes.\"\"\"\n    return '{name}'\n");
            Assert.Contains($"deployed {name} version", (await instance.DoAsync("deploy", folder)).Output, StringComparison.Ordinal);
        }

        Assert.Contains("north", (await instance.DoAsync("call", "go_north")).Output, StringComparison.Ordinal);
        Assert.Contains("south", (await instance.DoAsync("call", "go_south")).Output, StringComparison.Ordinal);
        Directory.Delete(parent, recursive: true);
    }

    [Fact]
    public async Task StdioBridgesAClientThatOnlyStartsPrograms()
    {
        await instance.DoAsync("deploy", "functions/samples/add.py");
        var transport = new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = Path.Combine(Toolrt.Root, "toolrt"),
            Arguments = ["stdio", "--data", instance.Data],
            Name = "toolrt",
        });
        await using var client = await McpClient.CreateAsync(transport);

        var result = await client.CallToolAsync("add", new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = 20, ["b"] = 22 });

        Assert.NotEqual(true, result.IsError);
        Assert.Contains("42", JsonSerializer.Serialize(result.StructuredContent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatAFunctionPrintsIsInItsLogs()
    {
        await instance.DoAsync("deploy", instance.File("talks.py", "def talks() -> int:\n    \"\"\"Talks.\"\"\"\n    print('one line')\n    return 1\n"));
        await instance.DoAsync("call", "talks");

        await instance.LogsAsync("talks", "one line");
    }

    [Fact]
    public async Task ASecretReachesTheFunctionAndNoListShowsIt()
    {
        const string value = "s3cret-value-81";
        var set = await Toolrt.RunAsync(instance.Data, value, ["secrets", "set", "SHOP_TOKEN"]);
        Assert.True(set.ExitCode == 0, set.ToString());
        await instance.DoAsync("deploy", instance.File("secretive.py", "import os\ndef secretive() -> int:\n    \"\"\"Length of the secret.\"\"\"\n    return len(os.environ['SHOP_TOKEN'])\n"), "--secret", "SHOP_TOKEN");

        var called = await instance.DoAsync("call", "secretive");
        var listed = await instance.DoAsync("secrets", "list");

        Assert.Equal(value.Length.ToString(), called.Output.Trim());
        Assert.Contains("SHOP_TOKEN", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(value, listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(value, await File.ReadAllTextAsync(Path.Combine(instance.Data, "toolrt.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARemovedFunctionIsGoneAndItsToolIsNamedInTheMessage()
    {
        await instance.DoAsync("deploy", instance.File("shortlived.py", "def shortlived() -> int:\n    \"\"\"One.\"\"\"\n    return 1\n"));
        await instance.DoAsync("rm", "shortlived");

        var called = await instance.RunAsync("call", "shortlived");

        Assert.NotEqual(0, called.ExitCode);
        Assert.Contains("shortlived", called.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APortInUseIsNamedWithTheWayOut()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var data = Directory.CreateTempSubdirectory("toolrt-port-").FullName;

        var up = await Toolrt.RunAsync(data, "up", "--port", $"{port}");

        Assert.Equal(3, up.ExitCode);
        Assert.Contains($"{port}", up.Errors, StringComparison.Ordinal);
        Assert.Contains("--port", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASecondInstanceOnTheSameFolderIsRefused()
    {
        var up = await instance.RunAsync("up", "--port", $"{Toolrt.FreePort()}");

        Assert.Equal(6, up.ExitCode);
        Assert.Contains(instance.Url.ToString().TrimEnd('/'), up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListeningBeyondLoopbackWithoutKeysIsRefused()
    {
        var data = Directory.CreateTempSubdirectory("toolrt-open-").FullName;

        var up = await Toolrt.RunAsync(data, "up", "--listen", "0.0.0.0", "--port", $"{Toolrt.FreePort()}");

        Assert.Equal(6, up.ExitCode);
        Assert.Contains("--keys", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutRootTheMessageSaysWhatToDo()
    {
        var data = Directory.CreateTempSubdirectory("toolrt-noroot-").FullName;
        File.SetUnixFileMode(data, (UnixFileMode)0b111_111_111);
        var dll = Path.Combine(Toolrt.Root, ".build", "product", "toolrt.dll");
        string[] command = ["--reuid=65534", "--clear-groups", "env", $"TOOLRT_ROOT={Toolrt.Root}", "TOOLRT_AGENT=/nowhere", "DOTNET_CLI_HOME=/tmp", "dotnet", dll, "up", "--data", data, "--port", $"{Toolrt.FreePort()}"];

        var up = await CommandResult.OfAsync("setpriv", command);

        Assert.Equal(3, up.ExitCode);
        Assert.Contains("root", up.Errors, StringComparison.Ordinal);
        Assert.Contains("sudo ./toolrt up", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnImageIsExportedWithoutAnInstance()
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-image-").FullName;
        var file = Path.Combine(folder, "base.tar");

        var exported = await Toolrt.RunAsync(folder, "image", "export", "base", file, "--json");
        var listed = await Toolrt.RunAsync(folder, "image", "list", "--json");

        Assert.True(exported.ExitCode == 0, exported.ToString());
        var written = JsonElement.Parse(exported.Output);
        Assert.Equal((file, "toolrt/base:latest", new FileInfo(file).Length), (written.GetProperty("file").GetString(), written.GetProperty("reference").GetString(), written.GetProperty("bytes").GetInt64()));
        var names = await CommandResult.OfAsync("tar", ["-tf", file]);
        Assert.Contains("blobs/" + written.GetProperty("digest").GetString()!.Replace(':', '/'), names.Output, StringComparison.Ordinal);
        var image = JsonElement.Parse(listed.Output).GetProperty("images").EnumerateArray().Single(i => i.GetProperty("name").GetString() == "base");
        Assert.True(image.GetProperty("built").GetBoolean() && image.GetProperty("bytes").GetInt64() > written.GetProperty("bytes").GetInt64(), listed.ToString());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task EveryVerbTeaches()
    {
        var root = await instance.DoAsync("--help");
        foreach (var verb in (string[])["up", "down", "status", "stdio", "deploy", "tools", "call", "logs", "rm", "rollback", "init", "doctor", "secrets", "image", "completion"])
        {
            Assert.Contains(verb, root.Output, StringComparison.Ordinal);
            var help = await instance.DoAsync(verb, "--help");
            Assert.True(help.Output.Length > 200, help.ToString());
        }
    }

    [Fact]
    public async Task CompletionKnowsTheVerbs()
    {
        var words = await CommandResult.OfAsync(Path.Combine(Toolrt.Root, "toolrt"), ["[suggest:8]", "toolrt r"]);

        Assert.Contains("rollback", words.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatusSaysWhatRuns()
    {
        var status = await instance.JsonAsync("status");

        Assert.Equal(JsonValueKind.Object, status.ValueKind);
        Assert.NotEmpty(status.EnumerateObject());
    }
}
