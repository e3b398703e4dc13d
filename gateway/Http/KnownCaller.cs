using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;

namespace ToolRuntime.Gateway.Http;

/// <summary>Who makes a request of plain HTTP.</summary>
internal static class KnownCaller
{
    /// <summary>The caller; null where there is none, which has been answered then.</summary>
    public static async ValueTask<Caller?> ReadAsync(CallerReader callers, HttpContext context)
    {
        var who = callers.Read(context);
        if (who.Caller is null)
        {
            await ProblemReply.WriteAsync(context, who.Status, who.Status == StatusCodes.Status401Unauthorized ? "Unauthorized" : "Forbidden", who.Reason);
        }

        return who.Caller;
    }

    /// <summary>Serves a caller that is known; what is refused is answered as the fault says.</summary>
    public static async Task ServeAsync(CallerReader callers, HttpContext context, Func<Caller, Task> serve)
    {
        if (await ReadAsync(callers, context) is not { } caller)
        {
            return;
        }

        try
        {
            await serve(caller);
        }
        catch (FunctionFaultException refused)
        {
            await ProblemReply.WriteAsync(context, refused.Fault);
        }
    }
}
