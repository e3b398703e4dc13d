using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Tests.Integration.Runtime;

namespace ToolRuntime.Tests.Integration.Live;

/// <summary>Volumes of sandboxes that callers drive: what lasts, what is shared, what is full, and what leads nowhere.</summary>
public sealed class VolumeTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>, IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = RuntimeMachine.Deadline();
    private readonly string _data = $"data-{Ids.New()}";
    private LiveMachine _live = null!;

    public async ValueTask InitializeAsync()
    {
        _live = new LiveMachine(machine, Directory.CreateTempSubdirectory("toolrt-volumes-").FullName, _deadline.Token);
        await _live.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _live.DisposeAsync();
        Assert.Empty(MountInfo.Below(await File.ReadAllTextAsync("/proc/self/mountinfo"), _live.Folder));
        Directory.Delete(_live.Folder, recursive: true);
        _deadline.Dispose();
    }

    [Theory]
    [InlineData(64)]
    [InlineData(0)]
    public async Task WhatIsInItOutlivesSandboxesAndTheRuntimeAndIsNobodyElses(long quota)
    {
        await _live.VolumeAsync(_data, quota);
        var first = await CreateAsync(new VolumeMount(_data, "/data"));
        Assert.Equal($"user /volumes/{_data}", await _live.RunAsync(first.Id, "echo kept > /data/kept; mkdir /data/folder; stat -c %U /data/kept; readlink /data").ContinueWith(t => t.Result.Replace('\n', ' ')));
        await _live.DoAsync(SandboxOperation.Kill, first.Id);

        var other = await _live.CreateAsync();
        Assert.Equal("", await _live.RunAsync(other.Id, "ls -A /volumes 2>/dev/null; ls -d /data 2>/dev/null"));
        Assert.Contains("Permission denied", await _live.RunAsync(other.Id, "mkdir /volumes 2>&1"), StringComparison.Ordinal);
        await _live.StopAsync();
        await _live.StartAsync();
        var second = await CreateAsync(new VolumeMount(_data, "/home/user/in/here"));
        Assert.Equal("kept", await _live.RunAsync(second.Id, "cat in/here/kept"));
        await _live.DoAsync(SandboxOperation.Kill, second.Id);
    }

    [Fact]
    public async Task TwoHaveItAtOnceAndSeeWhatTheOtherWrites()
    {
        await _live.VolumeAsync("shared");
        var (writer, reader) = (await CreateAsync(new VolumeMount("shared", "/s")), await CreateAsync(new VolumeMount("shared", "/s") { ReadOnly = true }));
        await _live.RunAsync(writer.Id, "echo one > /s/file");
        Assert.Equal("one", await _live.RunAsync(reader.Id, "cat /s/file"));
        await _live.RunAsync(writer.Id, "echo another > /s/file; touch /s/more");
        Assert.Equal("another file more", await _live.RunAsync(reader.Id, "echo $(cat /s/file) $(cd /s; ls -d f* m*)"));
        Assert.Contains("Read-only", await _live.RunAsync(reader.Id, "touch /s/mine 2>&1; rm /s/file 2>&1"), StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => RemoveAsync("shared"));
        Assert.Equal(FaultCode.SandboxConflict, refused.Fault.Code);
        await _live.DoAsync(SandboxOperation.Kill, writer.Id);
        await _live.DoAsync(SandboxOperation.Pause, reader.Id);
        await Assert.ThrowsAsync<FunctionFaultException>(() => RemoveAsync("shared"));
        await _live.DoAsync(SandboxOperation.Kill, reader.Id);
        await RemoveAsync("shared");
    }

    [Fact]
    public async Task AFullVolumeIsAFullDiskAndTheHostsIsNot()
    {
        var volume = await _live.VolumeAsync("small", 16);
        var sandbox = await CreateAsync(new VolumeMount("small", "/small"));
        Assert.Contains("No space left on device", await _live.RunAsync(sandbox.Id, "dd if=/dev/zero of=/small/big bs=1M count=64 2>&1"), StringComparison.Ordinal);
        var look = await LookAsync(volume);
        Assert.InRange(look.UsedBytes, 8 << 20, 16 << 20);
        Assert.Equal([sandbox.Id], look.Sandboxes);
        var full = await Assert.ThrowsAsync<AgentException>(() => UploadAsync(volume, "more", new byte[4 << 20]));
        Assert.Equal(AgentErrorCode.NoSpace, full.Code);
        Assert.Equal("big", await _live.RunAsync(sandbox.Id, "cd /small; ls -A | grep -v lost+found"));
        Assert.Equal("fits", await _live.RunAsync(sandbox.Id, "rm /small/big && echo fits > /small/f && cat /small/f"));
        await _live.DoAsync(SandboxOperation.Kill, sandbox.Id);
    }

    [Fact]
    public async Task APausedOneWakesWithItsOpenFilesAndForksShareIt()
    {
        await _live.VolumeAsync(_data);
        var sandbox = await CreateAsync(new VolumeMount(_data, "/data"));
        await _live.RunAsync(sandbox.Id, "(exec 3>>/data/log; while true; do if [ -e /data/go ]; then echo went >&3; rm /data/go; fi; sleep 0.05; done) >/dev/null 2>&1 & echo before > /data/log");
        await _live.DoAsync(SandboxOperation.Pause, sandbox.Id);
        await _live.StopAsync();
        await _live.StartAsync();
        await _live.DoAsync(SandboxOperation.Resume, sandbox.Id);
        Assert.Equal("before went", await _live.RunAsync(sandbox.Id, "touch /data/go; while [ -e /data/go ]; do sleep 0.05; done; echo $(cat /data/log)"));

        var fork = (await _live.DoAsync(SandboxOperation.Fork, sandbox.Id)).Forks.Single().Record!;
        await _live.RunAsync(fork.Id, "echo of the fork > /data/fork");
        Assert.Equal("of the fork", await _live.RunAsync(sandbox.Id, "cat /data/fork"));
        await _live.DoAsync(SandboxOperation.Kill, fork.Id);
        await _live.DoAsync(SandboxOperation.Kill, sandbox.Id);
    }

    [Fact]
    public async Task LinksInItLeadTheHostNowhere()
    {
        var volume = await _live.VolumeAsync("tricks");
        var secret = Path.Combine(_live.Folder, "secret");
        await File.WriteAllTextAsync(secret, "canary");
        var sandbox = await CreateAsync(new VolumeMount("tricks", "/t"));
        await _live.RunAsync(sandbox.Id, $"cd /t; ln -s {secret} absolute; ln -s ../../../../../../../../../..{secret} relative; ln -s / root; mkdir real; ln -s real inner; echo in > real/file; mkfifo fifo; ln -s /proc/self/root magic");

        foreach (var path in new[] { "absolute", "relative", $"root{secret}", $"../../..{secret}", $"magic{secret}", "fifo" })
        {
            var refused = await Assert.ThrowsAsync<AgentException>(() => _live.AskAsync(volume, new AgentRequest { Op = AgentOperation.FileRead, Path = path }));
            Assert.Contains(refused.Code, path == "fifo" ? new[] { AgentErrorCode.BadRequest, AgentErrorCode.NotFound } : [AgentErrorCode.BadRequest]);
        }

        Assert.Equal(3, (await _live.AskAsync(volume, new AgentRequest { Op = AgentOperation.FileRead, Path = "inner/file" })).Size);
        await Assert.ThrowsAsync<AgentException>(() => UploadAsync(volume, $"root{_live.Folder}/planted", "x"u8.ToArray()));
        await UploadAsync(volume, "absolute", "mine"u8.ToArray());
        Assert.Equal("canary", await File.ReadAllTextAsync(secret));
        Assert.Equal("mine", await _live.RunAsync(sandbox.Id, "cat /t/absolute"));
        await _live.AskAsync(volume, new AgentRequest { Op = AgentOperation.FileRemove, Path = "root" });
        Assert.DoesNotContain((await _live.AskAsync(volume, new AgentRequest { Op = AgentOperation.FileList, Path = "/", Depth = 9 })).Entries!, e => e.Name.StartsWith("root", StringComparison.Ordinal));
        await _live.DoAsync(SandboxOperation.Kill, sandbox.Id);
        await RemoveAsync("tricks");
        Assert.True(File.Exists(secret));
    }

    [Fact]
    public async Task AHundredMegabytesGoUpAndDown()
    {
        var volume = await _live.VolumeAsync("large", 256);
        var content = new byte[100 << 20];
        Random.Shared.NextBytes(content);
        await UploadAsync(volume, "a/b/large", content);

        await using var stream = await _live.OpenAsync(volume);
        var opened = await AgentExchange.OpenAsync(stream, new AgentRequest { Op = AgentOperation.FileRead, Path = "a/b/large" }, _deadline.Token);
        Assert.Equal(content.Length, opened.Size);
        using var came = new MemoryStream(content.Length);
        await stream.CopyToAsync(came, _deadline.Token);
        Assert.True(content.AsSpan().SequenceEqual(came.GetBuffer().AsSpan(0, (int)came.Length)));

        // One that breaks off leaves nothing.
        await using (var half = await _live.OpenAsync(volume))
        {
            await AgentExchange.OpenAsync(half, new AgentRequest { Op = AgentOperation.FileWrite, Path = "half" }, _deadline.Token);
            await half.WriteAsync(content.AsMemory(0, 1 << 20), _deadline.Token);
        }

        Assert.DoesNotContain((await _live.AskAsync(volume, new AgentRequest { Op = AgentOperation.FileList, Path = "/" })).Entries!, e => e.Name == "half");
    }

    [Theory]
    [InlineData("nothere", "/data", FaultCode.SandboxNotFound)]
    [InlineData(null, "/etc", FaultCode.InvalidArguments)]
    [InlineData(null, "/home/user/../x", FaultCode.InvalidArguments)]
    [InlineData(null, "/opt/../etc", FaultCode.InvalidArguments)]
    public async Task WhatCannotBeIsRefusedAndNamed(string? name, string path, FaultCode code)
    {
        await _live.VolumeAsync(_data, 0);
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => CreateAsync(new VolumeMount(name ?? _data, path)));
        Assert.Equal(code, refused.Fault.Code);
        Assert.Contains(name ?? _data, refused.Fault.Message, StringComparison.Ordinal);
        var twice = await Assert.ThrowsAsync<FunctionFaultException>(() => _live.VolumeAsync(_data));
        Assert.Equal(FaultCode.SandboxConflict, twice.Fault.Code);
    }

    private Task<SandboxRecord> CreateAsync(params VolumeMount[] volumes) => _live.CreateAsync(new SandboxSettings { Volumes = volumes });

    private Task<VolumeAnswer> LookAsync(VolumeRecord volume) => _live.VolumeAsync(new VolumeCommand { Operation = VolumeOperation.Look, Tenant = volume.Tenant, Id = volume.Id });

    private async Task RemoveAsync(string name)
    {
        var volume = await machine.Bus.Volumes.FindAsync(Caller.LocalTenant, name, _deadline.Token);
        await _live.VolumeAsync(new VolumeCommand { Operation = VolumeOperation.Remove, Tenant = Caller.LocalTenant, Id = volume!.Id });
        Assert.Null(await machine.Bus.Volumes.FindAsync(Caller.LocalTenant, name, _deadline.Token));
    }

    private async Task UploadAsync(VolumeRecord volume, string path, byte[] content)
    {
        await using var stream = await _live.OpenAsync(volume);
        await AgentExchange.OpenAsync(stream, new AgentRequest { Op = AgentOperation.FileWrite, Path = path, Parents = true }, _deadline.Token);
        try
        {
            await stream.WriteAsync(content, _deadline.Token);
            await ((IHalfClosable)stream).CloseWriteAsync(_deadline.Token);
        }
        catch (IOException)
        {
            // The reply says why.
        }

        await AgentExchange.ReadReplyAsync(stream, AgentOperation.FileWrite, _deadline.Token);
    }
}
