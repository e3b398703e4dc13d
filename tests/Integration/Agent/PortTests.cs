using System.Net;
using System.Net.Sockets;
using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

public sealed class PortTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task APortIsRelayedBothWaysToItsEnd(bool version6)
    {
        await using var agent = await AgentOnHost.StartAsync();
        using var listener = new TcpListener(version6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0);
        listener.Start();
        var served = EchoUntilEndAsync(listener);

        await using var stream = await agent.Client.DialPortAsync(((IPEndPoint)listener.LocalEndpoint).Port, AgentOnHost.Within());
        await stream.WriteAsync("ping"u8.ToArray(), AgentOnHost.Within());
        var answer = new byte[9];
        await stream.ReadExactlyAsync(answer, AgentOnHost.Within());

        Assert.Equal("ping back", Encoding.UTF8.GetString(answer));
        await stream.DisposeAsync();
        await served;
    }

    [Fact]
    public async Task AUnixSocketIsRelayed()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var path = Path.Combine(Path.GetTempPath(), $"toolrt-{Guid.NewGuid():N}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();

        await using var stream = await agent.Client.DialUnixAsync(path, AgentOnHost.Within());
        using var accepted = await listener.AcceptAsync(AgentOnHost.Within());
        await accepted.SendAsync("hi"u8.ToArray(), AgentOnHost.Within());
        accepted.Close();
        using var reader = new StreamReader(stream);

        Assert.Equal("hi", await reader.ReadToEndAsync(AgentOnHost.Within()));
        File.Delete(path);
    }

    [Fact]
    public async Task NobodyThereIsSaid()
    {
        await using var agent = await AgentOnHost.StartAsync();

        var refused = await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.DialPortAsync(1, AgentOnHost.Within()));

        Assert.Equal(AgentErrorCode.NotFound, refused.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StatsAndKeepAlivesAnswer(bool sandboxed)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed);

        await agent.Client.PingAsync(AgentOnHost.Within());
        var stats = await agent.Client.GetStatsAsync(AgentOnHost.Within());

        Assert.True(stats is { Processes: > 0, ResidentBytes: > 1_000_000, Processors: > 0, MemoryUsed: > 0 }, stats.ToString());
        Assert.True(stats.MemoryTotal > stats.MemoryUsed && stats.DiskTotal > stats.DiskUsed, stats.ToString());
        Assert.InRange(stats.DiskTotal, 1, 1L << 60);
    }

    private static async Task EchoUntilEndAsync(TcpListener listener)
    {
        using var accepted = await listener.AcceptTcpClientAsync(AgentOnHost.Within());
        var stream = accepted.GetStream();
        var buffer = new byte[4];
        await stream.ReadExactlyAsync(buffer, AgentOnHost.Within());
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetString(buffer)} back"), AgentOnHost.Within());
        Assert.Equal(0, await stream.ReadAsync(buffer, AgentOnHost.Within()));
    }
}
