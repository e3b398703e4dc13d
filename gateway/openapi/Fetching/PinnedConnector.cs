using System.Net;
using System.Net.Sockets;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Fetching;

/// <summary>Connects to the very address that it has resolved and checked, so that a name cannot point elsewhere by the time it is used.</summary>
/// <param name="policy">Which addresses may be spoken to.</param>
/// <param name="resolve">Resolves a name; null for the system's resolver.</param>
public sealed class PinnedConnector(AddressPolicy policy, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private const int MostAddresses = 8;

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <summary>A handler that connects through this, follows no redirect, keeps no cookie, and leaves compression to us.</summary>
    public SocketsHttpHandler CreateHandler(TimeSpan connectTimeout) => new()
    {
        ConnectCallback = ConnectAsync,
        ConnectTimeout = connectTimeout,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    };

    /// <summary>The callback for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="ApiFaultException">No address of the host is allowed.</exception>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) => ConnectAsync(context.DnsEndPoint, cancellationToken);

    /// <summary>Connects to a host.</summary>
    /// <exception cref="ApiFaultException">No address of the host is allowed, or none answers.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        var (host, port) = (endpoint.Host, endpoint.Port);
        var addresses = await ResolveAsync(host, cancellationToken);
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException refused)
            {
                socket.Dispose();
                last = refused;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new ApiFaultException(ApiFaultCode.Unreachable, $"{host}:{port} cannot be reached: {last?.Message ?? "it has no address"}", innerException: last);
    }

    /// <summary>The addresses of a host that may be spoken to.</summary>
    /// <exception cref="ApiFaultException">There are none.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        IPAddress[] all;
        try
        {
            all = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await _resolve(host, cancellationToken);
        }
        catch (SocketException unknown)
        {
            throw new ApiFaultException(ApiFaultCode.Unreachable, $"{host} cannot be reached: its name cannot be resolved", innerException: unknown);
        }

        var allowed = all.Where(a => policy.Allows(host, a)).Take(MostAddresses).ToList();
        return allowed.Count > 0 || all.Length == 0 ? allowed : throw AddressPolicy.Refuse(host);
    }
}
