namespace ToolRuntime.Functions;

/// <summary>
/// Asks the gateway for stored secrets: part request <see cref="RequestName"/>, this record as JSON. Only parts that hold the bus's
/// credentials can ask; the tenant and the names come from the version that runs, never from a guest. The answer is
/// <see cref="SecretValues"/> as JSON; a name that is not stored fails the request with <see cref="FaultCode.LoadFailed"/> and says which.
/// Values must not be logged, stored or passed as arguments.
/// </summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Names">Which, as the manifest lists them.</param>
public sealed record SecretRequest(string Tenant, IReadOnlyList<string> Names)
{
    /// <summary>The part request that carries it.</summary>
    public const string RequestName = "gateway.secrets";
}
