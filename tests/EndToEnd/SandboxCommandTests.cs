using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary><c>toolrt sandbox</c> as a user types it, with a real terminal where it needs one.</summary>
[Collection(SandboxInstanceTests.Name)]
public sealed class SandboxCommandTests(RunningInstance instance)
{
    [Fact]
    public async Task ACommandInsideHasItsStreamsItsInputAndItsExitCode()
    {
        var id = await CreateAsync("--env", "GREETING=hello");

        var ran = await RunAsync("exec", id, "--", "sh", "-c", "echo \"$GREETING\"; echo bad >&2; exit 7");
        var fed = await FeedAsync("one\ntwo\n", "exec", id, "--", "wc", "-l");
        var large = await FeedAsync(new string('x', 1_000_000), "exec", id, "--", "wc", "-c");
        var killed = await RunAsync("exec", id, "--", "sh", "-c", "kill -9 $$");
        var root = await DoAsync("exec", id, "--user", "root", "--cwd", "/tmp", "--env", "A=b", "--", "sh", "-c", "id -u; pwd; echo $A");
        var missing = await RunAsync("exec", id, "--", "there-is-no-such-program");

        Assert.Equal((7, "hello\n", "bad\n"), (ran.ExitCode, ran.Output, ran.Errors));
        Assert.Equal("2\n", fed.Output);
        Assert.Equal("1000000\n", large.Output);
        Assert.Equal(137, killed.ExitCode);
        Assert.Equal("0\n/tmp\nb\n", root.Output);
        Assert.NotEqual(0, missing.ExitCode);
        Assert.Contains("there-is-no-such-program", missing.Errors, StringComparison.Ordinal);
        await DoAsync("rm", id);
    }

    [Fact]
    public async Task RootInstallsPackagesFromTheMachinesMirrorsAndTooMuchMemoryIsToldAsSuch()
    {
        var id = await CreateAsync("--packages", "--memory", "1536");

        var installed = await DoAsync("exec", id, "--user", "root", "--", "sh", "-c", "(apt-get update && apt-get install -y hello) >/tmp/log 2>&1 || cat /tmp/log; hello; npm install -g is-number@7.0.0 >/tmp/log 2>&1 || cat /tmp/log; npm ls -g is-number | grep -o is-number.*");
        var refused = await RunAsync("create", "--memory", "10");
        var full = await RunAsync("exec", id, "--", "python3", "-c", "bytearray(4 << 30)");
        var after = await RunAsync("info", id);

        Assert.Equal("Hello, world!\nis-number@7.0.0\n", installed.Output);
        Assert.Contains("memoryMB: 10 is out of range", refused.Errors, StringComparison.Ordinal);
        Assert.All([full, after], r => Assert.Contains($"sandbox {id} ended by itself: it needed more than its memory of 1536 MiB", r.Errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FilesAndFoldersGoInAndComeOut()
    {
        var id = await CreateAsync();
        var folder = Directory.CreateTempSubdirectory("toolrt-cp-").FullName;
        var project = Directory.CreateDirectory(Path.Combine(folder, "project", "deep")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(project, "run.sh"), "#!/bin/sh\necho ran\n");
        File.SetUnixFileMode(Path.Combine(project, "run.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(project, "deep", "ž a.txt"), "deep");
        File.CreateSymbolicLink(Path.Combine(project, "link"), "deep/ž a.txt");

        await DoAsync("cp", project, $"{id}:/home/user/project");
        var inside = await DoAsync("exec", id, "--", "sh", "-c", "project/run.sh; cat project/link; stat -c %U project/deep");
        await DoAsync("cp", project, $"{id}:/home/user/project");
        await DoAsync("cp", Path.Combine(project, "run.sh"), $"{id}:/tmp/");
        await FeedAsync("from a pipe", "cp", "-", $"{id}:/tmp/piped");
        var piped = await DoAsync("cp", $"{id}:/tmp/piped", "-");
        await DoAsync("cp", $"{id}:/home/user/project", Path.Combine(folder, "back"));
        await DoAsync("cp", $"{id}:/tmp/piped", folder);
        var listed = await DoAsync("ls", id, "project", "--depth", "2");

        Assert.Equal("ran\ndeepuser\n", inside.Output);
        Assert.Equal("from a pipe", piped.Output.TrimEnd('\n'));
        Assert.Equal("deep", await File.ReadAllTextAsync(Path.Combine(folder, "back", "link")));
        Assert.Equal("ran\n", (await CommandResult.OfAsync(Path.Combine(folder, "back", "run.sh"), [])).Output);
        Assert.True(File.Exists(Path.Combine(folder, "back", "project", "run.sh")), "a second copy goes into the folder that is there");
        Assert.Equal("from a pipe", await File.ReadAllTextAsync(Path.Combine(folder, "piped")));
        Assert.Contains("deep/ž a.txt", listed.Output, StringComparison.Ordinal);
        Assert.Equal("", (await DoAsync("exec", id, "--", "sh", "-c", "ls -A /tmp | grep toolrt- || true")).Output);
        Directory.Delete(folder, recursive: true);
        await DoAsync("rm", id);
    }

    [Fact]
    public async Task WhatComesOutOfASandboxIsWrittenNowhereElse()
    {
        var id = await CreateAsync();
        var folder = Directory.CreateTempSubdirectory("toolrt-cp-").FullName;
        var outside = Directory.CreateDirectory(Path.Combine(folder, "outside")).FullName;
        await DoAsync("exec", id, "--", "sh", "-c", $"mkdir -p out && ln -s {outside} out/link && echo x > out/file");
        var target = Path.Combine(folder, "target");
        await DoAsync("cp", $"{id}:out", target);
        await DoAsync("exec", id, "--", "sh", "-c", "rm out/link && mkdir out/link && echo escaped > out/link/file");

        var again = await RunAsync("cp", $"{id}:out/.", target);

        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains("is a link here", again.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Directory.Delete(folder, recursive: true);
        await DoAsync("rm", id);
    }

    [Fact]
    public async Task SandboxesAreListedPausedWokenForkedKeptAndReset()
    {
        var mark = Guid.NewGuid().ToString("n");
        var id = await CreateAsync("--metadata", $"mark={mark} & more");
        await DoAsync("exec", id, "--", "sh", "-c", "echo first > state");
        var kept = (await DoAsync("snapshot", id, "--name", $"kept-{mark}")).Output.Trim();
        await DoAsync("exec", id, "--", "sh", "-c", "echo second > state");

        await DoAsync("pause", id);
        var listed = JsonDocument.Parse((await DoAsync("list", "--json", "--metadata", $"mark={mark} & more")).Output).RootElement;
        var refused = await RunAsync("exec", id, "--", "true");
        await DoAsync("resume", id, "--timeout", "600");
        var forks = (await DoAsync("fork", id, "--count", "2")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var ofFork = await DoAsync("exec", forks[1], "--", "cat", "state");
        await DoAsync("reset", id, $"kept-{mark}");
        var afterReset = await DoAsync("exec", id, "--", "cat", "state");
        var ofKept = (await DoAsync("create", $"kept-{mark}")).Output.Trim();
        var snapshots = await DoAsync("snapshots");
        var info = await DoAsync("info", id);

        Assert.Equal([id], listed.EnumerateArray().Select(s => s.GetProperty("sandboxID").GetString()));
        Assert.Equal("paused", listed[0].GetProperty("state").GetString());
        Assert.Contains($"toolrt sandbox resume {id}", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(2, forks.Length);
        Assert.Equal("second\n", ofFork.Output);
        Assert.Equal("first\n", afterReset.Output);
        Assert.Contains($"kept-{mark}", snapshots.Output, StringComparison.Ordinal);
        Assert.Contains("running", info.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("AccessToken", info.Output, StringComparison.OrdinalIgnoreCase);
        await DoAsync("rm", id, forks[0], forks[1], ofKept, kept);
        var gone = await RunAsync("rm", id);
        Assert.Contains("toolrt sandbox list", gone.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AShellIsARealTerminal()
    {
        var id = await CreateAsync();

        var ran = await TerminalAsync(
            [
                new { see = "$ " }, new { type = "stty size; tty\n" }, new { see = "24 80" }, new { see = "/dev/pts/" },
                new { size = (int[])[50, 132] }, new { type = "sh -c 'echo be\"\"gins; exec sleep 300'\n" }, new { see = "begins" }, new { type = "\u0003" }, new { type = "stty size\n" }, new { see = "50 132" },
                new { type = "exit 42\n" },
            ],
            "sandbox", "shell", id);

        Assert.Equal(42, ran.GetProperty("exit").GetInt32());
        Assert.True(ran.GetProperty("raw").GetBoolean());
        Assert.True(ran.GetProperty("restored").GetBoolean());
        await DoAsync("rm", id);
    }

    [Fact]
    public async Task ATerminalIsAsBeforeWhenItsShellIsKilledOrItsSandboxEnds()
    {
        const int terminate = 15;
        var id = await CreateAsync();

        var killed = await TerminalAsync([new { see = "$ " }, new { type = "echo he''re\n" }, new { see = "here" }, new { signal = terminate }], "sandbox", "shell", id);
        var ended = await TerminalAsync([new { see = "$ " }, new { type = "echo he''re; kill -9 $PPID\n" }, new { see = "here" }, new { type = "kill -9 $$\n" }], "sandbox", "shell", id);
        var piped = await RunAsync("shell", id);

        Assert.True(killed.GetProperty("restored").GetBoolean());
        Assert.NotEqual(0, killed.GetProperty("exit").GetInt32());
        Assert.True(ended.GetProperty("restored").GetBoolean());
        Assert.Equal(137, ended.GetProperty("exit").GetInt32());
        Assert.Contains("toolrt sandbox exec", piped.Errors, StringComparison.Ordinal);
        await DoAsync("rm", id);
    }

    [Theory]
    [InlineData("neither end is in a sandbox", "ID:PATH", "cp", "a", "b")]
    [InlineData("there is no value", "=VALUE", "create", "--env", "TOOLRT_SURELY_NOT_SET")]
    [InlineData("there is no sandbox", "list the sandboxes", "exec", "abcdef", "--", "true")]
    [InlineData("there is no sandbox", "toolrt sandbox list", "rm", "abcdef")]
    public async Task WhatCannotBeIsSaidWithItsFix(string message, string fix, params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.Contains(fix, result.Errors, StringComparison.Ordinal);
    }

    private async Task<string> CreateAsync(params string[] options) => (await DoAsync(["create", .. options])).Output.Trim();

    private Task<CommandResult> RunAsync(params string[] arguments) => FeedAsync("", arguments);

    private async Task<CommandResult> DoAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    // The folder by its variable: what stands after -- is the command's own.
    private Task<CommandResult> FeedAsync(string input, params string[] arguments) =>
        CommandResult.OfAsync(Path.Combine(Toolrt.Root, "toolrt"), ["sandbox", .. arguments], input, environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["TOOLRT_DATA"] = instance.Data });

    private async Task<JsonElement> TerminalAsync(object[] steps, params string[] arguments)
    {
        var driver = Path.Combine(Toolrt.Root, "tests", "EndToEnd", "terminal.py");
        var ran = await CommandResult.OfAsync("/usr/bin/python3", [driver, JsonSerializer.Serialize(steps), Path.Combine(Toolrt.Root, "toolrt"), .. arguments, "--data", instance.Data]);
        Assert.True(ran.ExitCode == 0, ran.ToString());
        return JsonDocument.Parse(ran.Output).RootElement.Clone();
    }
}
