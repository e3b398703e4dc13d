using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;

namespace ToolRuntime.Bus.Nats;

/// <summary>
/// TLS to a server: NATS says INFO in the clear and then changes to TLS, so that is done here, and the transport gets one end of a pair of sockets that
/// speaks as a server without TLS would. It costs two copies, and only those who use it.
/// </summary>
internal static partial class NatsTls
{
    private const int Unix = 1;
    private const int StreamType = 1;
    private const int LongestInfo = 64 * 1024;

    /// <summary>Shakes hands on a connected socket and returns the transport's end; the relay ends with either side.</summary>
    /// <exception cref="NatsConnectionFailedException">The server offers no TLS, or its certificate is not trusted.</exception>
    public static async ValueTask<Socket> StartAsync(Socket server, string host, NatsTlsOpts opts, CancellationToken cancellationToken)
    {
        var network = new NetworkStream(server, ownsSocket: true);
        try
        {
            var info = await ReadInfoAsync(network, cancellationToken);
            var secure = new SslStream(network, leaveInnerStreamOpen: false);
            await secure.AuthenticateAsClientAsync(opts.For(host), cancellationToken);
            var (ours, theirs) = Pair();
            var local = new NetworkStream(theirs, ownsSocket: true);
            await local.WriteAsync(info, cancellationToken);
            _ = RelayAsync(secure, local);
            return ours;
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            await network.DisposeAsync();
            throw new NatsConnectionFailedException($"TLS with {host}: {error.Message}; see --nats-ca, --nats-cert and --nats-key", error);
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    private static async ValueTask<byte[]> ReadInfoAsync(NetworkStream network, CancellationToken cancellationToken)
    {
        var line = new List<byte>(1024);
        var one = new byte[1];
        while (line.Count < LongestInfo && (line.Count == 0 || line[^1] != (byte)'\n'))
        {
            if (await network.ReadAsync(one, cancellationToken) == 0)
            {
                throw new IOException("the server closed the connection before it said who it is");
            }

            line.Add(one[0]);
        }

        return [.. line];
    }

    private static async Task RelayAsync(SslStream secure, NetworkStream local)
    {
        await using (secure)
        await using (local)
        {
            await Task.WhenAny(CopyAsync(secure, local), CopyAsync(local, secure));
        }
    }

    private static async Task CopyAsync(System.IO.Stream from, System.IO.Stream to)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or SocketException)
        {
            // One side is gone; the other is closed by the relay.
        }
    }

    /// <summary>A pair that nobody else can reach.</summary>
    private static (Socket Ours, Socket Theirs) Pair()
    {
        Span<int> ends = stackalloc int[2];
        if (SocketPair(Unix, StreamType, 0, ends) != 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        return (new Socket(new SafeSocketHandle(ends[0], ownsHandle: true)), new Socket(new SafeSocketHandle(ends[1], ownsHandle: true)));
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SocketPair(int domain, int type, int protocol, Span<int> ends);
}
