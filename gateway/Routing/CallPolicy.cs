using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Routing;

/// <summary>The one decision before every route, for calls from outside and for calls from within.</summary>
public static class CallPolicy
{
    /// <summary>Decides one call. Pure: the same input gives the same answer.</summary>
    public static CallDecision Decide(Caller caller, ToolRoute route, ReadOnlyMemory<byte> arguments, DateTimeOffset now) =>
        caller.Tenant == route.Version.Tenant
            ? new CallDecision(true, "allow")
            : new CallDecision(false, $"deny: the tool belongs to another tenant than {caller.Tenant}");
}
