using System.Text;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Archives;
using ToolRuntime.Sandbox.Docker;
using ToolRuntime.Sandbox.Docker.Engine;
using ToolRuntime.Sandbox.Isolation;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Volumes;
using ToolRuntime.Tests.Integration.Sandbox;

namespace ToolRuntime.Tests.Integration.Backends;

/// <summary>What every backend must do alike: the contract of a sandbox that callers drive, and its walls.</summary>
public sealed class BackendTests(DockerEngine engine) : IClassFixture<DockerEngine>, IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;

    public static TheoryData<string> Images => [.. new[] { "code", DockerEngine.Image }];

    public async ValueTask InitializeAsync() => _machine = await SandboxMachine.StartAsync(o => o with { Docker = engine.Options }, _deadline.Token);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task ProcessesRunAsTheirUserAndTellHowTheyEnd(string image)
    {
        await using var lease = await LeaseAsync(image);
        var (code, output) = await SandboxMachine.RunAsync(lease, _deadline.Token, "/bin/sh", "-c", "id -u; pwd; exit 7");
        Assert.Equal((7, "1000\n/home/user\n"), (code, output));
        var root = await SandboxMachine.RunAsync(lease, new ProcessSpec { Arguments = ["/bin/sh", "-c", "id -u; kill -9 $$"], UserId = 0, WorkingDirectory = "/" }, _deadline.Token);
        Assert.Equal((137, "0\n"), root);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task FilesAreWrittenAndReadAndTheRootIsTheirs(string image)
    {
        await using var lease = await LeaseAsync(image);
        var content = Encoding.UTF8.GetBytes("grüße\0binary");
        await lease.Agent.WriteFileAsync("/home/user/a.bin", content, _deadline.Token);
        Assert.Equal(content, await lease.Agent.ReadFileAsync("/home/user/a.bin", 1024, _deadline.Token));
        var (code, _) = await SandboxMachine.RunAsync(lease, new ProcessSpec { Arguments = ["/bin/sh", "-c", "echo x > /usr/local/y && mkdir /srv/z"], UserId = 0, WorkingDirectory = "/" }, _deadline.Token);
        Assert.Equal(0, code);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task StandardInputTerminalsAndPortsAreReached(string image)
    {
        await using var lease = await LeaseAsync(image);
        await using var cat = await lease.Agent.SpawnAsync(new ProcessSpec { Arguments = ["/bin/cat"], StandardInput = true }, _deadline.Token);
        await cat.WriteAsync("echoed"u8.ToArray(), _deadline.Token);
        await cat.CloseInputAsync(_deadline.Token);
        Assert.Equal("echoed", Encoding.UTF8.GetString((await cat.ReadAsync(_deadline.Token))!.Value.Data.Span));

        var (_, size) = await SandboxMachine.RunAsync(lease, new ProcessSpec { Arguments = ["/bin/stty", "size"], Terminal = new TerminalSize(30, 100) }, _deadline.Token);
        Assert.Equal("30 100", size.Trim());

        const string Server = "import socket;s=socket.create_server(('127.0.0.1',8123));print('up',flush=True);c,_=s.accept();c.sendall(c.recv(9).upper());c.close()";
        await using var server = await lease.Agent.SpawnAsync(new ProcessSpec { Arguments = ["python3", "-c", Server] }, _deadline.Token);
        Assert.NotNull(await server.ReadAsync(_deadline.Token));
        await using var port = await lease.Agent.DialPortAsync(8123, _deadline.Token);
        await port.WriteAsync("knock"u8.ToArray(), _deadline.Token);
        var answer = new byte[5];
        await port.ReadExactlyAsync(answer, _deadline.Token);
        Assert.Equal("KNOCK", Encoding.ASCII.GetString(answer));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task FilesSurviveInAnotherSandbox(string image)
    {
        var folder = Path.Combine(_machine.Folder, "kept");
        await using (var first = await LeaseAsync(image))
        {
            await first.Agent.WriteFileAsync("/home/user/kept.txt", "kept"u8.ToArray(), _deadline.Token);
            await first.ArchiveFilesAsync(folder, _deadline.Token);
        }

        await using var second = await LeaseAsync(image);
        await second.RestoreFilesAsync(folder, _deadline.Token);
        Assert.Equal("kept"u8.ToArray(), await second.Agent.ReadFileAsync("/home/user/kept.txt", 16, _deadline.Token));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task ASandboxThatIsOverLeavesNothing(string image)
    {
        ISandboxLease ended;
        await using (var lease = await LeaseAsync(image))
        {
            ended = lease;
        }

        Assert.Equal(SandboxEnd.Released, await ended.Ended.WaitAsync(_deadline.Token));
        await Assert.ThrowsAnyAsync<Exception>(async () => await ended.Agent.PingAsync(_deadline.Token));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task NothingGetsOut(string image)
    {
        var findings = await new IsolationSuite((volumes, _) => LeaseAsync(image, volumes)).RunAsync(_deadline.Token);
        Assert.Empty(findings.Where(f => !f.Holds).Select(f => $"{f.Probe}: {string.Join("; ", f.Breaches)}"));
        Assert.True(findings.Count >= 14);
    }

    [Fact]
    public async Task AnImageOfOursThatIsExportedIsLoadedAndIsTheSameInside()
    {
        const string Listing = @"find /usr /var /home /opt /root -path /usr/share/dotnet -prune -o \( -type f -printf 'f %m %U:%G %Ts %s %p\n' \) -o -printf '%y %m %U:%G %l %p\n'";
        // The root file system of base, and .NET beside it.
        var image = await engine.ImageAsync("csharp", _deadline.Token);
        var file = Path.Combine(_machine.Folder, "csharp.tar");
        var written = await ImageArchive.WriteAsync(image, file, "latest", new Progress<string>(), _deadline.Token);
        await engine.LoadAsync(file, _deadline.Token);

        await using var lease = await LeaseAsync("docker:toolrt/csharp");
        Assert.Equal(written.Id, await engine.IdOfAsync("toolrt/csharp", _deadline.Token));
        var (_, spoken) = await SandboxMachine.RunAsync(lease, _deadline.Token, "python3", "-c", "import os; print(6 * 7, os.getuid(), os.getcwd(), os.environ['HOME'], os.environ['LANG'])");
        Assert.Equal("42 1000 /home/user /home/user C.UTF-8\n", spoken);
        var (code, runtimes) = await SandboxMachine.RunAsync(lease, _deadline.Token, "/usr/share/dotnet/dotnet", "--list-runtimes");
        Assert.True(code == 0 && runtimes.Contains("Microsoft.NETCore.App 10.", StringComparison.Ordinal), runtimes);
        var (_, inside) = await SandboxMachine.RunAsync(lease, new ProcessSpec { Arguments = ["/bin/sh", "-c", Listing], UserId = 0, WorkingDirectory = "/" }, _deadline.Token);
        var outside = await DockerEngine.InFolderAsync(image.RootFolder, Listing, _deadline.Token);
        Assert.Empty(Lines(outside).Except(Lines(inside)).Concat(Lines(inside).Except(Lines(outside))).Take(20));
        Assert.True(Lines(inside).Count > 3_000);
    }

    [Fact]
    public async Task AnArchiveThatAnEngineCannotLoadIsRefusedWithItsReason()
    {
        var file = Path.Combine(_machine.Folder, "broken.tar");
        await File.WriteAllBytesAsync(file, new byte[1024], _deadline.Token);

        var refused = await Assert.ThrowsAsync<DockerApiException>(() => engine.LoadAsync(file, _deadline.Token));

        Assert.Contains("images/load", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.Message.Length > "images/load?quiet=1: ".Length, refused.Message);
    }

    [Fact]
    public async Task WhatABackendCannotIsRefusedByItsCode()
    {
        await using var lease = await LeaseAsync(DockerEngine.Image);
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => lease.CheckpointAsync(Path.Combine(_machine.Folder, "memory"), _deadline.Token));
        Assert.Equal(FaultCode.NotSupported, refused.Fault.Code);
        Assert.Contains("memory: false", refused.Fault.Hint, StringComparison.Ordinal);
        await lease.Agent.PingAsync(_deadline.Token);
    }

    [Fact]
    public async Task AnImageThatTheEngineDoesNotHaveIsNamed()
    {
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(async () => await LeaseAsync("docker:nobody/has:this"));
        Assert.Contains("nobody/has:this", refused.Fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARuntimeThatSharesTheKernelIsRefusedUnlessAllowed()
    {
        var weak = engine.Options with { Runtime = "runc" };
        var refused = await Assert.ThrowsAsync<ToolRuntime.Sandbox.SandboxSetupException>(() => SandboxMachine.StartAsync(o => o with { Docker = weak }, _deadline.Token));
        Assert.Contains("shares the host's kernel", refused.Problem, StringComparison.Ordinal);
        Assert.Null(DockerBackend.Refusal(weak with { AllowsRunc = true }));
        var missing = engine.Options with { Runtime = "kata" };
        Assert.Contains("no runtime 'kata'", (await Assert.ThrowsAsync<ToolRuntime.Sandbox.SandboxSetupException>(() => SandboxMachine.StartAsync(o => o with { Docker = missing }, _deadline.Token))).Problem, StringComparison.Ordinal);
    }

    private static HashSet<string> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    private ValueTask<ISandboxLease> LeaseAsync(string image, IReadOnlyList<VolumeBinding>? volumes = null) =>
        _machine.Pools.LeaseAsync(new LeaseRequest(new PoolKind(image, FunctionLanguage.Sandbox), "local", new FunctionLimits(), []) { Volumes = volumes ?? [] }, null, _deadline.Token);
}
