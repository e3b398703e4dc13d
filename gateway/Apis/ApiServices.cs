using ToolRuntime.Functions;
using ToolRuntime.Gateway.Secrets;
using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.Gateway.Apis;

/// <summary>What all APIs of a gateway share.</summary>
/// <param name="Secrets">Stored secrets, which credentials name.</param>
/// <param name="Continuations">What of results was not shown, kept for a while.</param>
/// <param name="Time">The clock.</param>
public sealed record ApiServices(SecretStore Secrets, ContinuationStore Continuations, TimeProvider Time)
{
    /// <summary>What the calls of a tenant's API are given.</summary>
    internal ApiSourceParts PartsOf(string tenant) => new()
    {
        Time = Time,
        Continuations = Continuations,
        Secrets = (reference, cancellationToken) => reference.Kind == SecretKind.Store
            ? ValueTask.FromResult(Stored(tenant, reference.Name))
            : LocalSecrets.ReadAsync(reference, cancellationToken),
    };

    private string? Stored(string tenant, string name)
    {
        try
        {
            return Secrets.Resolve(tenant, [name]).Values[name];
        }
        catch (FunctionFaultException)
        {
            return null;
        }
    }
}
