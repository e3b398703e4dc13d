using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Wire;

/// <summary>Lets callers in to the control plane by their key, and says what was refused as its protocol does.</summary>
public sealed class E2bGuard(E2bCallerReader callers)
{
    /// <summary>A route that gets the caller's tenant.</summary>
    public RequestDelegate Of(Func<HttpContext, string, Task> serve) => async context =>
    {
        var who = callers(context);
        if (who.Caller is null)
        {
            await E2bReply.ErrorAsync(context, who.Status, who.Reason);
            return;
        }

        try
        {
            await serve(context, who.Caller.Tenant);
        }
        catch (FunctionFaultException error) when (!context.Response.HasStarted)
        {
            await E2bReply.ErrorAsync(context, error.Fault);
        }
    };
}
