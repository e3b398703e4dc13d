using System.Net;
using System.Net.Http.Headers;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>Whether and when a request may be tried again. Pure.</summary>
internal static class RetryRule
{
    /// <summary>Whether repeating the request does no more than sending it once (RFC 9110, 9.2.2; the draft header Idempotency-Key).</summary>
    public static bool IsRepeatable(ApiRequest request) =>
        request.Method is "GET" or "HEAD" or "OPTIONS" or "QUERY" or "PUT" or "DELETE" or "TRACE"
        || request.Headers.Any(h => h.Key.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether an answer may be a passing trouble.</summary>
    public static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Whether a failure may be a passing trouble. What never reached the upstream may always be repeated.</summary>
    public static bool IsPassing(ApiFaultCode fault, bool isRepeatable) => fault switch
    {
        ApiFaultCode.Unreachable => true,
        ApiFaultCode.TimedOut or ApiFaultCode.BadResponse => isRepeatable,
        _ => false,
    };

    /// <summary>How long the upstream asks to wait, or null where it does not say.</summary>
    public static TimeSpan? Wait(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wait = header?.Delta ?? (header?.Date - now);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>The wait before try <paramref name="attempt"/> (1 for the first repetition): it doubles; half of it is chance, so that callers do not come back all at once.</summary>
    public static TimeSpan Backoff(TimeSpan first, int attempt, double chance) =>
        first * Math.Pow(2, attempt - 1) * (0.5 + (chance / 2));
}
