namespace ToolRuntime.Functions;

/// <summary>Who makes a call. Made once, in step 1 of the way of a call, and carried by the invocation to its end.</summary>
/// <param name="Tenant">The tenant, <c>[a-z0-9][a-z0-9-]{0,62}</c>; part of every subject, key, object name, lease and cache key.</param>
/// <param name="Subject">The person, agent or service, at most 256 characters.</param>
/// <param name="CredentialId">The id (never the value) of the credential that proved it; <c>loopback</c> where none was needed.</param>
/// <param name="OnBehalfOf">The subject for whom the caller acts, or null.</param>
public sealed record Caller(string Tenant, string Subject, string CredentialId, string? OnBehalfOf = null)
{
    /// <summary>The tenant of a machine's own user on loopback.</summary>
    public const string LocalTenant = "local";

    /// <summary>The caller of requests on loopback without a credential.</summary>
    public static Caller Local { get; } = new(LocalTenant, "local", "loopback");
}
