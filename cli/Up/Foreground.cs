using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Up;

/// <summary>Runs an instance until it is told to end, and leaves nothing behind.</summary>
internal static class Foreground
{
    public static async Task<int> RunAsync(DataFolder folder, UpOptions options, CancellationToken cancellationToken)
    {
        Check(options);
        var settings = HostSettings.Read(options.ConfigurationPath);
        folder.Prepare();

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = OnSignal(PosixSignal.SIGINT, end);
        using var terminate = OnSignal(PosixSignal.SIGTERM, end);
        using var hangUp = OnSignal(PosixSignal.SIGHUP, end);

        var steps = new Steps();
        Instance? instance = null;
        try
        {
            await steps.RunAsync(async () => instance = await Instance.StartAsync(folder, options, settings, steps, end.Token));
            folder.Announce(options.Url, instance!.Nats!);
            await Console.Out.WriteLineAsync(options.Role == Role.Runtime ? "" : ClientHints.For(options.Url, Installation.File("toolrt"), folder.Path));
            await Console.Out.WriteLineAsync(options.Role == Role.All ? "" : ClientHints.ForOthers(instance.Nats!, Installation.File("toolrt")));
            await instance.EndedAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Told to end while it started: what was started is ended below.
        }
        finally
        {
            folder.Withdraw();
            if (instance is not null)
            {
                await Console.Error.WriteLineAsync("ending: calls finish, then sandboxes and the message server end");
                await instance.DisposeAsync();
            }
        }

        return ExitCodes.Done;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource end) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });

    private static void Check(UpOptions options)
    {
        if (!IPAddress.TryParse(options.Address, out var address))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"--listen {options.Address} is not an IP address");
        }

        if (!IPAddress.IsLoopback(address) && options.Keys is null && options.Role != Role.Runtime)
        {
            throw new CommandFailedException(ExitCodes.Refused, $"listening on {options.Address} without a key file would let anybody call", "give --keys FILE (mode 0600) with lines 'key tenant subject', or listen on 127.0.0.1");
        }

        if (options.Role != Role.Gateway && !Environment.IsPrivilegedProcess)
        {
            throw new CommandFailedException(ExitCodes.MachineLacks, "sandboxes need root: gVisor, cgroups and mounts are set up by this process", "sudo ./toolrt up, or only the gateway: ./toolrt up --role gateway --nats URL");
        }

        try
        {
            using var probe = new TcpListener(address, options.Port);
            probe.Start();
        }
        catch (SocketException error)
        {
            throw new CommandFailedException(ExitCodes.MachineLacks, $"port {options.Port} on {options.Address} cannot be used: {error.Message}", "choose another with --port");
        }
    }
}
