using System.Net;
using System.Net.Sockets;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>What user code must not reach, one test per claim; as uid 0 of the sandbox, which is more than user code has.</summary>
public sealed class IsolationTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;
    private ISandboxLease _lease = null!;

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("TOOLRT_TEST_CANARY", "canary-of-the-host");
        _machine = await SandboxMachine.StartAsync(null, _deadline.Token);
        _lease = await _machine.LeaseAsync(SandboxMachine.Bare, _deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _lease.DisposeAsync();
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task ThereIsNoNetworkNotEvenTheHostsLoopback()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.Equal("lo", (await ShellAsync("ls /sys/class/net 2>/dev/null || echo lo")).Trim());
        Assert.Contains("refused", await ShellAsync($"(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>&1"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("No route to host", await ShellAsync("(exec 3<>/dev/tcp/192.0.2.1/80) 2>&1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheHostsFilesAreNotThere()
    {
        var secret = Path.Combine(_machine.Folder, "secret");
        await File.WriteAllTextAsync(secret, "canary", _deadline.Token);

        Assert.DoesNotContain("canary", await ShellAsync($"cat {secret} /proc/1/root{secret} 2>&1"), StringComparison.Ordinal);
        Assert.Contains("absent", await ShellAsync($"test -e {_machine.Options.WorkFolder} || echo absent"), StringComparison.Ordinal);
        Assert.Contains("Read-only", await ShellAsync("touch /usr/x /toolrt/x /layers/x 2>&1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheHostsProcessesAreNotThere()
    {
        var processes = await ShellAsync("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");

        Assert.Contains("/toolrt/agent", processes, StringComparison.Ordinal);
        Assert.DoesNotContain("runsc", processes, StringComparison.Ordinal);
        Assert.Equal("/toolrt/agent", (await ShellAsync("tr '\\0' '\\n' </proc/1/cmdline | head -1")).Trim());
    }

    [Fact]
    public async Task TheHostsEnvironmentIsNotThere() =>
        Assert.DoesNotContain("canary-of-the-host", await ShellAsync("env; cat /proc/*/environ"), StringComparison.Ordinal);

    [Fact]
    public async Task AnotherSandboxesLayersAndProcessesAreNotThere()
    {
        var layer = _machine.Layer(LayerKind.Code, "private.py", "canary");
        await using var other = await _machine.LeaseAsync(SandboxMachine.Bare, _deadline.Token, layer);

        Assert.Equal((0, "private.py\n"), await SandboxMachine.RunAsync(other, _deadline.Token, "ls", "/layers/code"));
        Assert.Equal("", (await ShellAsync("ls /layers")).Trim());
    }

    [Fact]
    public async Task ChildrenHaveNoCapabilitiesAndCannotGetAny()
    {
        var status = await ShellAsync("grep -E '^(CapEff|CapPrm|CapBnd)' /proc/self/status", user: 1000);

        Assert.All(status.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith("0000000000000000", line, StringComparison.Ordinal));
        Assert.Contains("1000", await ShellAsync("id -u; su root -c id 2>&1", user: 1000), StringComparison.Ordinal);
    }

    private async Task<string> ShellAsync(string script, int user = 0) =>
        (await SandboxMachine.RunAsync(_lease, new ProcessSpec { Arguments = ["bash", "-c", script], UserId = user }, _deadline.Token)).Output;
}
