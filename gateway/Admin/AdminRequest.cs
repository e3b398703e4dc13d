using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Admin;

/// <summary>What requests of the management API say.</summary>
internal static class AdminRequest
{
    public static string Tenant(HttpContext context)
    {
        var tenant = Query(context, "tenant") ?? Caller.LocalTenant;
        return Names.IsTenant(tenant) ? tenant
            : throw new FunctionFaultException(FaultCode.InvalidArguments, "?tenant= must be [a-z0-9][a-z0-9-]{0,62}");
    }

    public static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    public static string? Query(HttpContext context, string name) =>
        context.Request.Query.TryGetValue(name, out var value) && value.Count > 0 && !string.IsNullOrEmpty(value[0]) ? value[0] : null;

    public static bool WantsEvents(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
}
