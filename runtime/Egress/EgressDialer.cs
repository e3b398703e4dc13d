using System.Net;
using System.Net.Sockets;

namespace ToolRuntime.Runtime.Egress;

/// <summary>Connects to addresses that passed, and to no name: what a name means is settled before.</summary>
internal sealed class EgressDialer(TimeProvider time)
{
    private const int MostAddresses = 4;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_each = TimeSpan.FromSeconds(5);

    /// <summary>A connection to the first of <paramref name="addresses"/> that answers.</summary>
    /// <exception cref="EgressFailedException">None does.</exception>
    public async Task<Socket> ConnectAsync(EgressHost host, IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, s_longest, cancellationToken);
        Exception? last = null;
        foreach (var address in addresses.Take(MostAddresses))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                using var each = new Deadline(time, s_each, deadline.Token);
                await socket.ConnectAsync(new IPEndPoint(address, port), each.Token);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                return socket;
            }
            catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                socket.Dispose();
                last = error;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        var why = last is SocketException refused ? refused.SocketErrorCode.ToString() : "no answer in time";
        throw new EgressFailedException($"{host.Text}:{port} cannot be reached: {why}", last);
    }
}
