using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sandbox;

public sealed class FilesArchiveTests : IAsyncLifetime
{
    private static readonly PoolKind s_writable = new("code", FunctionLanguage.Sandbox);

    private static readonly AgentUser s_root = new(0, 0);

    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;

    private CancellationToken Within => _deadline.Token;

    public async ValueTask InitializeAsync() => _machine = await SandboxMachine.StartAsync(null, Within);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task WhatASessionChangedOfItsFilesComesBackInAFreshSandbox()
    {
        const string Change = """
            set -e
            cd /home/user
            mkdir -p deep/er && echo one >deep/er/one && chmod 640 deep/er/one
            ln deep/er/one hard && ln -s deep/er/one soft && ln -s /nowhere dangling && mkfifo pipe
            touch -d '2001-02-03 04:05:06.1234567' deep
            echo private >private && chmod 600 private
            echo temporary >/tmp/kept && mkdir -m 700 /tmp/own
            head -c 3000000 /dev/urandom >large && sha256sum large >large.sum
            """;
        const string Look = "cd /home/user; stat -c '%n %F %a %u:%g %h' . deep deep/er deep/er/one hard soft dangling pipe private /tmp/own /tmp/kept large; stat -c %y deep; readlink soft; sha256sum -c large.sum; cat /tmp/kept";
        var lease = await _machine.LeaseAsync(s_writable, Within);
        Assert.Equal((0, ""), await SandboxMachine.RunAsync(lease, Within, "bash", "-c", Change));
        await lease.Agent.AskAsync(new AgentRequest { Op = AgentOperation.FileAttributes, Path = "/home/user/private", Attributes = new Dictionary<string, string> { ["author"] = "me, ünicode" } }, Within);
        await lease.Agent.AskAsync(new AgentRequest { Op = AgentOperation.FilePut, Path = "/etc/added/by-root", User = s_root, Data = "x"u8.ToArray() }, Within);
        await lease.Agent.AskAsync(new AgentRequest { Op = AgentOperation.FileRemove, Path = "/etc/hostname" }, Within);
        await lease.Agent.AskAsync(new AgentRequest { Op = AgentOperation.FileRemove, Path = "/usr/share/git-core", Recursive = true }, Within);
        var before = await SandboxMachine.RunAsync(lease, Within, "bash", "-c", Look);
        var boot = await SandboxMachine.RunAsync(lease, Within, "cat", "/proc/sys/kernel/random/boot_id");

        var archive = await lease.ArchiveFilesAsync(Folder("files"), Within);

        Assert.InRange(archive.Tar.Length, 3_000_000, 3_200_000);
        Assert.Equal((0, "lives\n"), await SandboxMachine.RunAsync(lease, Within, "echo", "lives"));
        await lease.DisposeAsync();
        await using var fresh = await _machine.Pools.LeaseAsync(new LeaseRequest(s_writable, "local", new FunctionLimits(), []) { IsFresh = true }, null, Within);
        Assert.False(fresh.RestoredFromSnapshot);
        await fresh.RestoreFilesAsync(Folder("files"), Within);
        Assert.Equal(before.Output.Split((char)10), (await SandboxMachine.RunAsync(fresh, Within, "bash", "-c", Look)).Output.Split((char)10));
        Assert.Equal("me, ünicode", (await fresh.Agent.StatFileAsync("/home/user/private", Within)).Attributes!["author"]);
        Assert.Equal((0, "0:0\n"), await SandboxMachine.RunAsync(fresh, Within, "stat", "-c", "%u:%g", "/etc/added/by-root"));
        Assert.Equal((0, "gone\n"), await SandboxMachine.RunAsync(fresh, Within, "bash", "-c", "ls -d /etc/hostname /usr/share/git-core >/dev/null 2>&1 || echo gone; ls /etc/hosts /usr/share/base-files >/dev/null 2>&1"));
        Assert.NotEqual(boot, await SandboxMachine.RunAsync(fresh, Within, "cat", "/proc/sys/kernel/random/boot_id"));

        // What was restored counts as changed: the next archive has it again.
        Assert.InRange((await fresh.ArchiveFilesAsync(Folder("again"), Within)).Tar.Length, 3_000_000, 3_200_000);
    }

    [Fact]
    public async Task WhatARestoredSandboxChangedCountsFromItsFirstBoot()
    {
        var lease = await _machine.LeaseAsync(s_writable, Within);
        await lease.Agent.WriteFileAsync("/home/user/early", "1"u8.ToArray(), Within);
        await lease.CheckpointAsync(Folder("memory"), Within);
        await using var restored = await _machine.Pools.RestoreAsync(Folder("memory"), new RestoreRequest("local", new FunctionLimits()), Within);
        await restored.Agent.WriteFileAsync("/home/user/late", "2"u8.ToArray(), Within);
        await restored.ArchiveFilesAsync(Folder("files"), Within);

        await using var fresh = await _machine.LeaseAsync(s_writable, Within);
        await fresh.RestoreFilesAsync(Folder("files"), Within);

        Assert.Equal((0, "12"), await SandboxMachine.RunAsync(fresh, Within, "cat", "/home/user/early", "/home/user/late"));
    }

    [Fact]
    public async Task ADamagedArchiveIsRefusedAndNothingUnpacked()
    {
        await using var lease = await _machine.LeaseAsync(s_writable, Within);
        await lease.Agent.WriteFileAsync("/home/user/x", "1"u8.ToArray(), Within);
        await lease.ArchiveFilesAsync(Folder("files"), Within);
        using (var tar = new FileStream(Path.Combine(Folder("files"), "files.tar"), FileMode.Open))
        {
            tar.Position = 600;
            tar.WriteByte(255);
        }

        await using var fresh = await _machine.LeaseAsync(s_writable, Within);
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => fresh.RestoreFilesAsync(Folder("files"), Within));

        Assert.Equal(FaultCode.CheckpointRefused, refused.Fault.Code);
        Assert.Contains("damaged", refused.Fault.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, (await SandboxMachine.RunAsync(fresh, Within, "cat", "/home/user/x")).Code);
    }

    [Fact]
    public async Task AFileOfHolesDoesNotFillTheDisk()
    {
        await using var lease = await _machine.LeaseAsync(s_writable, Within);
        Assert.Equal(0, (await SandboxMachine.RunAsync(lease, Within, "truncate", "-s", "100G", "/home/user/holes")).Code);

        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => lease.ArchiveFilesAsync(Folder("files"), Within));

        Assert.Contains("holes included", refused.Fault.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder("files")));
        Assert.Equal((0, "lives\n"), await SandboxMachine.RunAsync(lease, Within, "echo", "lives"));
    }

    private string Folder(string name) => Path.Combine(_machine.Options.CheckpointFolder, name);
}
