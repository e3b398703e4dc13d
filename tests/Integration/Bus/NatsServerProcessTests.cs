using System.Diagnostics;
using System.Net.Sockets;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.State;

namespace ToolRuntime.Tests.Integration.Bus;

public sealed class NatsServerProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-nats-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AKilledServerComesBackOnItsPort()
    {
        using var deadline = new CancellationTokenSource(BusServer.Limit);
        await using var server = await StartAsync(deadline.Token);
        var first = server.ProcessId;
        Process.GetProcessById(first).Kill();

        await UntilAsync(() => server.ProcessId != first && Answers(server), deadline.Token);

        Assert.True(Answers(server));
    }

    [Fact]
    public async Task AServerThatAKilledOwnerLeftIsEndedAndNothingIsLeftAfterDispose()
    {
        using var deadline = new CancellationTokenSource(BusServer.Limit);
        using var left = Process.Start("sleep", "1000");
        await File.WriteAllTextAsync(Path.Combine(_folder, "process"), ProcessMark.Of(left.Id)!.Value.ToString(), deadline.Token);

        await using (var next = await StartAsync(deadline.Token))
        {
            Assert.True(left.HasExited);
            Assert.True(Answers(next));
            left.Dispose();
        }

        Assert.Equal([], Directory.EnumerateFiles(_folder, "process"));
    }

    [Fact]
    public async Task ThePasswordStandsInAPrivateFileAndInNoArgument()
    {
        using var deadline = new CancellationTokenSource(BusServer.Limit);
        await using var server = await StartAsync(deadline.Token);
        var password = (await File.ReadAllTextAsync(server.Bus.PasswordFile!, deadline.Token)).Trim();

        Assert.DoesNotContain(password, await File.ReadAllTextAsync($"/proc/{server.ProcessId}/cmdline", deadline.Token), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.Bus.PasswordFile!));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "nats-server.conf")));
    }

    [Fact]
    public async Task ItsFilesMayTakeLessThanTheDiskHas()
    {
        using var deadline = new CancellationTokenSource(BusServer.Limit);
        await using var server = await StartAsync(deadline.Token);
        var limit = (await File.ReadAllLinesAsync(Path.Combine(_folder, "nats-server.conf"), deadline.Token)).Single(l => l.Contains("max_file_store", StringComparison.Ordinal));

        Assert.InRange(long.Parse(limit.Split(':')[1]), 1, new DriveInfo(_folder).AvailableFreeSpace);
        Assert.InRange(server.Bus.TotalBytes, 1, long.Parse(limit.Split(':')[1]));
    }

    [Fact]
    public async Task OnlyWhoSupervisesTheServerChangesALimit()
    {
        using var deadline = new CancellationTokenSource(BusServer.Limit);
        await using var server = await StartAsync(deadline.Token);
        var (supervising, joining) = (server.Bus, server.Bus with { SupervisesServer = false });

        await using (await BusServer.ConnectAsync(joining))
        {
            Assert.Equal(supervising.AuditBytes, await AuditBytesAsync(joining, deadline.Token));
        }

        await using (await BusServer.ConnectAsync(joining with { AuditBytes = supervising.AuditBytes / 2 }))
        {
            Assert.Equal(supervising.AuditBytes, await AuditBytesAsync(joining, deadline.Token));
        }

        await using (await BusServer.ConnectAsync(supervising with { AuditBytes = supervising.AuditBytes / 2 }))
        {
            Assert.Equal(supervising.AuditBytes / 2, await AuditBytesAsync(joining, deadline.Token));
        }
    }

    private static async Task<long> AuditBytesAsync(BusOptions options, CancellationToken cancellationToken)
    {
        await using var connection = await BusServer.ConnectNatsAsync(options);
        return (await new NatsJSContext(connection).GetStreamAsync(AuditLog.Stream, cancellationToken)).Config!.MaxBytes;
    }

    private ValueTask<NatsServerProcess> StartAsync(CancellationToken cancellationToken) =>
        NatsServerProcess.StartAsync(new NatsServerOptions { Folder = _folder }, NullLoggerFactory.Instance, TimeProvider.System, cancellationToken);

    private static bool Answers(NatsServerProcess server)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect("127.0.0.1", new Uri(server.Bus.Servers[0]).Port);
            return client.GetStream().ReadByte() == 'I';
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!holds())
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
