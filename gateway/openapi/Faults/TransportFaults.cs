using System.Net.Sockets;
using System.Security.Authentication;

namespace ToolRuntime.OpenApi.Faults;

/// <summary>What goes wrong between us and an upstream, as faults. <see cref="ApiFaultCode.Unreachable"/> is said only where nothing of the request can have arrived.</summary>
public static class TransportFaults
{
    /// <summary>The fault that an exception of HttpClient stands for, or null where it is none of the transport's.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="host">The upstream, for the message.</param>
    /// <param name="isLate">Whether a deadline of ours has passed.</param>
    public static ApiFault? Of(Exception exception, string host, bool isLate)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is ApiFaultException known)
            {
                return known.Fault;
            }
        }

        return exception switch
        {
            OperationCanceledException or TimeoutException => isLate ? TimedOut(host) : null,
            HttpRequestException http => OfError(http.HttpRequestError, http, host),
            HttpIOException io => OfError(io.HttpRequestError, io, host),
            InvalidDataException => Wrong(host, "its compressed body is damaged or cut off"),
            IOException or SocketException or AuthenticationException => Wrong(host, "the connection broke"),
            _ => null,
        };
    }

    /// <summary>The upstream was too slow.</summary>
    public static ApiFault TimedOut(string host) =>
        new(ApiFaultCode.TimedOut, $"{host} did not answer in time", "try again, ask for less, or raise the source's timeout");

    /// <summary>The upstream breaks the protocol.</summary>
    public static ApiFaultException Bad(string host, string what) => new(Wrong(host, what));

    private static ApiFault OfError(HttpRequestError error, Exception exception, string host) => error switch
    {
        HttpRequestError.NameResolutionError => Unreachable(host, "its name cannot be resolved"),
        HttpRequestError.ConnectionError => Unreachable(host, "no connection"),
        HttpRequestError.SecureConnectionError => Unreachable(host, "TLS failed"),
        HttpRequestError.ResponseEnded => Wrong(host, "the connection ended before the answer did"),
        HttpRequestError.ConfigurationLimitExceeded => Wrong(host, "its headers are larger than the bound"),
        HttpRequestError.Unknown when exception.InnerException is { } inner and not HttpRequestException =>
            Of(inner, host, isLate: false) ?? Wrong(host, "the connection broke"),
        _ => Wrong(host, "it does not keep to HTTP"),
    };

    private static ApiFault Wrong(string host, string what) => new(ApiFaultCode.BadResponse, $"{host} answered wrongly: {what}");

    private static ApiFault Unreachable(string host, string why) => new(ApiFaultCode.Unreachable, $"{host} cannot be reached: {why}");
}
