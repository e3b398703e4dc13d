using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Admin;

/// <summary>What is asked for when an API is registered.</summary>
/// <param name="Tenant">Whose it will be.</param>
/// <param name="Name">The name that it gets; null takes one from the document's title.</param>
/// <param name="Settings">Where it is and how it is called.</param>
/// <param name="TimeoutSeconds">Most seconds of one call, 1 to 86,400.</param>
public sealed record ApiRegistration(string Tenant, string? Name, ApiSettings Settings, int TimeoutSeconds)
{
    /// <summary>Seconds of one call where nothing else is said.</summary>
    public const int DefaultTimeoutSeconds = 60;
}
