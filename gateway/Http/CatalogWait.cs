using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Http;

/// <summary>
/// What is asked of tools before a starting gateway knows them. It listens already, and a tool that it has not read yet is not missing: who asks waits for the
/// catalog a while, and is then told to ask again.
/// </summary>
public static class CatalogWait
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly PathString[] s_faces = ["/v1", "/mcp", "/a2a"];

    /// <summary>Puts it before the endpoints.</summary>
    public static IApplicationBuilder UseKnownCatalog(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var services = app.ApplicationServices;
        var (known, time) = (services.GetRequiredService<ToolCatalog>().Current, services.GetRequiredService<TimeProvider>());
        return app.Use(next => context => known.IsCompleted || !Array.Exists(s_faces, face => context.Request.Path.StartsWithSegments(face)) ? next(context) : WaitAsync(known, time, context, next));
    }

    private static async Task WaitAsync(Task known, TimeProvider time, HttpContext context, RequestDelegate next)
    {
        try
        {
            await known.WaitAsync(s_patience, time, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            await ProblemReply.WriteAsync(context, new FunctionFault(FaultCode.BusUnavailable, "this gateway has just been started and does not know the tools yet", "ask again, or another gateway"));
            return;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await next(context);
    }
}
