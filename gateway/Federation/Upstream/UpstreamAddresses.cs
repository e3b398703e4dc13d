using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Connects to upstreams by the rule that holds for APIs: a name is resolved once, and the connection made to an address that passed.</summary>
internal static class UpstreamAddresses
{
    /// <summary>Connects to a host at an address that may be reached.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="allowed">Private hosts, addresses and networks that are meant.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="FunctionFaultException">None of its addresses may be reached.</exception>
    /// <exception cref="SocketException">It does not answer.</exception>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, IReadOnlyList<string> allowed, CancellationToken cancellationToken)
    {
        try
        {
            return await new PinnedConnector(AddressPolicy.Allowing(allowed)).ConnectAsync(endpoint, cancellationToken);
        }
        catch (ApiFaultException failed)
        {
            if (failed.InnerException is SocketException silent)
            {
                ExceptionDispatchInfo.Throw(silent);
            }

            throw new FunctionFaultException(new FunctionFault(FaultCode.UpstreamFailed, failed.Fault.Message, failed.Fault.Hint), failed);
        }
    }
}
