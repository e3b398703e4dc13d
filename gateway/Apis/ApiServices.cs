using ToolRuntime.Functions;
using ToolRuntime.Gateway.Secrets;
using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.Gateway.Apis;

/// <summary>What all APIs of a gateway share.</summary>
/// <param name="Secrets">Stored secrets, which credentials name.</param>
/// <param name="Continuations">What of results was not shown, kept for a while.</param>
/// <param name="Time">The clock.</param>
public sealed record ApiServices(SecretStore Secrets, ContinuationStore Continuations, TimeProvider Time)
{
    /// <summary>Reads a resource of an MCP server as a caller in a session, or null where this gateway has none.</summary>
    public Func<Caller, string?, Uri, CancellationToken, ValueTask<(ReadOnlyMemory<byte> Bytes, string? MediaType)?>>? ReadResource { get; init; }

    /// <summary>What an argument names by URI: an answer that is kept for the caller, or a resource of an MCP server of theirs.</summary>
    internal async ValueTask<ApiResource?> FindAsync(Invocation invocation, Uri uri, CancellationToken cancellationToken)
    {
        if (KeptAnswers.IsOne(uri.OriginalString))
        {
            return Continuations.Find(ApiCalling.Owner(invocation.Caller), KeptAnswers.HandleOf(uri.OriginalString)) is { } kept ? Resource(kept.Bytes, kept.MediaType, uri) : null;
        }

        var session = invocation.SessionIsExplicit ? invocation.Session : null;
        return ReadResource is { } read && await read(invocation.Caller, session, uri, cancellationToken) is { } found ? Resource(found.Bytes, found.MediaType, uri) : null;
    }

    private static ApiResource Resource(ReadOnlyMemory<byte> bytes, string? mediaType, Uri uri) => new(
        _ => ValueTask.FromResult<Stream>(new MemoryStream(bytes.ToArray(), writable: false)),
        mediaType,
        Uri.UnescapeDataString(uri.OriginalString.Split('/')[^1]) is { Length: > 0 } name ? name : null,
        bytes.Length);

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
