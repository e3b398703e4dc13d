namespace ToolRuntime.Gateway.Admin;

/// <summary>Operations that a feature adds to the management API.</summary>
/// <param name="Routes">The operations.</param>
public sealed record AdminRoutes(IReadOnlyList<AdminRoute> Routes)
{
    /// <summary>The query parameter that every operation of a tenant's things has.</summary>
    public static (string Name, string Description) Tenant { get; } = ("tenant", "Whose; the default is local.");
}
