using System.Globalization;

using Microsoft.AspNetCore.Http;

namespace ToolRuntime.E2b.Envd;

/// <summary>The time that a client gives to a call of a Connect service.</summary>
internal static class CallTime
{
    /// <summary>That time in milliseconds, or null where it gives none. A fraction counts: Python's SDKs send what a thousand times their seconds are, as <c>1500.0</c>.</summary>
    public static long? Of(HttpRequest request) =>
        double.TryParse(request.Headers["Connect-Timeout-Ms"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? (long)Math.Ceiling(Math.Min(milliseconds, int.MaxValue))
            : null;

    /// <summary>Ends with the client's connection, or when the call's time is over.</summary>
    public static CancellationTokenSource EndOf(EnvdCall call, long? milliseconds)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Token);
        if (milliseconds is { } after)
        {
            ending.CancelAfter(TimeSpan.FromMilliseconds(after));
        }

        return ending;
    }
}
