using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

using ToolRuntime.Bus;

namespace ToolRuntime.Gateway.Http;

/// <summary>The one place where a failure of the bus that no endpoint expects becomes an answer. One that has begun is broken off: its client resumes.</summary>
internal static class BusGuard
{
    /// <summary>Endpoints that are mapped with what it returns are guarded.</summary>
    public static IEndpointRouteBuilder GuardBus(this IEndpointRouteBuilder builder)
    {
        var guarded = builder.MapGroup("");
        ((IEndpointConventionBuilder)guarded).Add(static endpoint =>
        {
            var serve = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => ServeAsync(context, serve);
        });
        return guarded;
    }

    private static async Task ServeAsync(HttpContext context, RequestDelegate serve)
    {
        try
        {
            await serve(context);
        }
        catch (Exception error) when (!context.Response.HasStarted && BusFault.Of(error) is not null)
        {
            await ProblemReply.WriteAsync(context, BusFault.Of(error)!);
        }
    }
}
