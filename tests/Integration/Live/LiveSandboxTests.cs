using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Tests.Integration.Runtime;

namespace ToolRuntime.Tests.Integration.Live;

/// <summary>The lives of sandboxes that callers drive: what lasts, what ends, what comes back.</summary>
public sealed class LiveSandboxTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>, IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = RuntimeMachine.Deadline();
    private LiveMachine _live = null!;

    public async ValueTask InitializeAsync()
    {
        _live = new LiveMachine(machine, Directory.CreateTempSubdirectory("toolrt-live-").FullName, _deadline.Token);
        await _live.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _live.DisposeAsync();
        Directory.Delete(_live.Folder, recursive: true);
        _deadline.Dispose();
    }

    [Fact]
    public async Task ARestartOfTheRuntimeKeepsWhatIsPausedAndForgetsWhatRan()
    {
        var paused = await _live.CreateAsync();
        await _live.RunAsync(paused.Id, "echo kept > kept.txt; (while true; do sleep 1; done) >/dev/null 2>&1 & echo $! > pid");
        await _live.DoAsync(SandboxOperation.Pause, paused.Id);
        var ran = await _live.CreateAsync();

        await _live.StopAsync();
        await _live.StartAsync();

        Assert.Null(await _live.UntilAsync(ran.Id, record => record is null));
        Assert.Equal(SandboxState.Paused, (await _live.UntilAsync(paused.Id, record => record is not null && record.Runtime != paused.Runtime))!.State);
        await _live.DoAsync(SandboxOperation.Resume, paused.Id);
        Assert.Equal("kept alive", await _live.RunAsync(paused.Id, "echo $(cat kept.txt) $(kill -0 $(cat pid) && echo alive)"));
        await _live.DoAsync(SandboxOperation.Kill, paused.Id);
    }

    [Fact]
    public async Task OneThatIsToBePausedAtItsEndSurvivesTheRuntimesStop()
    {
        var record = await _live.CreateAsync(new SandboxSettings { PausesAtEnd = true });
        await _live.RunAsync(record.Id, "echo here > /tmp/here");
        await _live.StopAsync();
        await _live.StartAsync();
        await _live.DoAsync(SandboxOperation.Resume, record.Id);
        Assert.Equal("here", await _live.RunAsync(record.Id, "cat /tmp/here"));
        await _live.DoAsync(SandboxOperation.Kill, record.Id);
    }

    [Fact]
    public async Task TimeIsUpAndTheSandboxIsGoneOrPaused()
    {
        var killed = await _live.CreateAsync(seconds: 1);
        var paused = await _live.CreateAsync(new SandboxSettings { PausesAtEnd = true }, seconds: 1);
        var idle = await _live.CreateAsync(new SandboxSettings { PausesAtEnd = true, IdleSeconds = 1 });
        Assert.Null(await _live.UntilAsync(killed.Id, record => record is null));
        Assert.True((await _live.UntilAsync(paused.Id, record => record?.State == SandboxState.Paused))!.HasMemory);
        await _live.UntilAsync(idle.Id, record => record?.State == SandboxState.Paused);
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => _live.RunAsync(paused.Id, "true"));
        Assert.Equal(FaultCode.SandboxConflict, refused.Fault.Code);
        var unknown = await Assert.ThrowsAsync<FunctionFaultException>(() => _live.DoAsync(SandboxOperation.Kill, killed.Id));
        Assert.Equal(FaultCode.SandboxNotFound, unknown.Fault.Code);
    }

    [Fact]
    public async Task ADamagedCheckpointIsRefusedAndTheSessionComesBackFromItsFiles()
    {
        var record = await _live.CreateAsync();
        await _live.RunAsync(record.Id, "echo kept > kept.txt");
        await _live.DoAsync(SandboxOperation.Pause, record.Id);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_live.Folder, "sandboxes", record.Id, "memory"), "*.img"))
        {
            await using var image = new FileStream(file, FileMode.Open, FileAccess.Write);
            image.SetLength(image.Length / 2);
        }

        await _live.DoAsync(SandboxOperation.Resume, record.Id);
        Assert.Equal("kept", await _live.RunAsync(record.Id, "cat kept.txt"));
        await _live.DoAsync(SandboxOperation.Kill, record.Id);
    }

    [Fact]
    public async Task WhatWasNotFinishedOnDiskCountsForNothing()
    {
        await _live.StopAsync();
        var half = Path.Combine(_live.Folder, "sandboxes", Ids.New());
        Directory.CreateDirectory(Path.Combine(half, "memory"));
        var unreadable = Path.Combine(_live.Folder, "sandboxes", Ids.New());
        Directory.CreateDirectory(unreadable);
        await File.WriteAllTextAsync(Path.Combine(unreadable, "sandbox.json"), "{", _deadline.Token);
        await _live.StartAsync();
        Assert.False(Directory.Exists(half));
        Assert.True(Directory.Exists(unreadable));
        var record = await _live.CreateAsync();
        await _live.DoAsync(SandboxOperation.Kill, record.Id);
    }

    [Fact]
    public async Task SnapshotsForksAndResetsStartFromOneStateAndGoTheirOwnWays()
    {
        var record = await _live.CreateAsync();
        await _live.RunAsync(record.Id, "echo 1 > n");
        var snapshot = (await _live.DoAsync(SandboxOperation.Snapshot, record.Id, c => c with { Name = "prepared" })).Snapshot!;
        await _live.RunAsync(record.Id, "echo 2 > n");
        var forks = (await _live.DoAsync(SandboxOperation.Fork, record.Id, c => c with { Count = 3 })).Forks;
        Assert.All(forks, f => Assert.Null(f.Fault));
        var answers = await Task.WhenAll(forks.Select((f, i) => _live.RunAsync(f.Record!.Id, $"echo $(cat n)-{i} > n; cat n")));
        Assert.Equal(["2-0", "2-1", "2-2"], answers);
        Assert.Equal("2", await _live.RunAsync(record.Id, "cat n"));
        await _live.DoAsync(SandboxOperation.Reset, record.Id, c => c with { Snapshot = snapshot.Id });
        Assert.Equal("1", await _live.RunAsync(record.Id, "cat n"));
        var made = await _live.CreateAsync(source: snapshot.Id);
        Assert.Equal("1", await _live.RunAsync(made.Id, "cat n"));
        await _live.DoAsync(SandboxOperation.RemoveSnapshot, snapshot.Id);
        foreach (var id in forks.Select(f => f.Record!.Id).Append(record.Id).Append(made.Id))
        {
            await _live.DoAsync(SandboxOperation.Kill, id);
        }
    }

    [Fact]
    public async Task WhatWasCheckpointedWhileItRanComesBackAfterACrashOfTheHost()
    {
        var record = await _live.CreateAsync(new SandboxSettings { CheckpointSeconds = 5 });
        await _live.RunAsync(record.Id, "echo before > /tmp/state");
        var folder = Path.Combine(_live.Folder, "sandboxes", record.Id);
        while (!File.Exists(Path.Combine(folder, "sandbox.json")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), _deadline.Token);
        }

        // What a crash would leave: the last checkpoint, of one that ran.
        var left = folder + ".left";
        while (!await TryCopyAsync(folder, left))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), _deadline.Token);
        }

        await _live.DoAsync(SandboxOperation.Kill, record.Id);
        Assert.False(Directory.Exists(folder));
        await _live.StopAsync();
        Directory.Move(left, folder);
        await _live.StartAsync();

        await _live.DoAsync(SandboxOperation.Resume, record.Id);
        Assert.Equal("before", await _live.RunAsync(record.Id, "cat /tmp/state"));
        await _live.DoAsync(SandboxOperation.Kill, record.Id);
    }

    [Fact]
    public async Task OneThatNeedsTooMuchMemoryIsGoneAndItsRecordSaysWhy()
    {
        var record = await _live.CreateAsync(new SandboxSettings { MemoryMiB = 128 });

        await Assert.ThrowsAsync<IOException>(() => _live.RunAsync(record.Id, "python3 -c 'bytearray(1 << 30)'"));

        var ended = await _live.UntilAsync(record.Id, r => r?.State == SandboxState.Ended);
        Assert.Contains("memory of 128 MiB", ended!.EndReason, StringComparison.Ordinal);
        var gone = await Assert.ThrowsAsync<FunctionFaultException>(() => _live.DoAsync(SandboxOperation.Kill, record.Id));
        Assert.Equal(FaultCode.SandboxNotFound, gone.Fault.Code);
    }

    [Fact]
    public async Task AnImageThatIsNoneIsNotFound()
    {
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => _live.CreateAsync(source: "none-such"));
        Assert.Equal(FaultCode.SandboxNotFound, refused.Fault.Code);
        Assert.Contains("'none-such'", refused.Fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RootInstallsAndUsersAreToldHowToBecomeRoot()
    {
        var (record, root) = (await _live.CreateAsync(new SandboxSettings { Packages = true }), new AgentUser(0, 0));

        Assert.Equal("user adm", await _live.RunAsync(record.Id, "touch /srv/x && chown user:adm /srv/x && stat -c '%U %G' /srv/x", root));
        Assert.Contains("Permission denied", await _live.RunAsync(record.Id, "ls /proc/1/root/", root), StringComparison.Ordinal);
        Assert.StartsWith("deb http", await _live.RunAsync(record.Id, "cat /etc/apt/sources.list", root), StringComparison.Ordinal);
        Assert.Equal("root 7", await _live.RunAsync(record.Id, "sudo -E -u root A=7 sh -c 'echo $(whoami) $A'", root));
        var (user, refused) = (new AgentUser(1000, 1000), "gets more rights than it began with");
        Assert.Contains(refused, await _live.RunAsync(record.Id, "sudo true", user), StringComparison.Ordinal);
        Assert.Equal("1 /usr/local", await _live.RunAsync(record.Id, "echo $(node -e 'console.log(1)' 2>&1) $(npm prefix -g)", user));
        Assert.StartsWith("pip ", await _live.RunAsync(record.Id, "pip --version", user), StringComparison.Ordinal);
        await _live.DoAsync(SandboxOperation.Kill, record.Id);
    }

    [Fact]
    public async Task ThirtySandboxesLeaveNothing()
    {
        var first = await _live.CreateAsync();
        await _live.DoAsync(SandboxOperation.Kill, first.Id);
        for (var round = 0; round < 10; round++)
        {
            var records = await Task.WhenAll(_live.CreateAsync(), _live.CreateAsync(), _live.CreateAsync());
            await Task.WhenAll(records.Select(r => _live.DoAsync(SandboxOperation.Kill, r.Id)));
            Assert.All(records, r => Assert.Null(machine.Bus.Sandboxes.FindAsync(Caller.LocalTenant, r.Id, _deadline.Token).AsTask().Result));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_live.Folder, "sandboxes")));
    }

    /// <summary>Copies a folder; false where a new checkpoint took its place meanwhile.</summary>
    private async Task<bool> TryCopyAsync(string from, string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        using var copy = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cp", ["-a", from, to]) { RedirectStandardError = true })!;
        await copy.WaitForExitAsync(_deadline.Token);
        return copy.ExitCode == 0;
    }
}
