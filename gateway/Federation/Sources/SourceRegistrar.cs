using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Sources;

/// <summary>Makes versions of servers that the gateway itself lists: remote ones, and those that speak HTTP in a sandbox.</summary>
public sealed class SourceRegistrar(ServerDialer dialer, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Connects to a remote server and makes the version of what it lists.</summary>
    /// <exception cref="FunctionFaultException">The server does not answer as one.</exception>
    public Task<FunctionVersion> ReadAsync(string tenant, FunctionManifest manifest, CancellationToken cancellationToken)
    {
        var draft = VersionDigest.Name(new FunctionVersion { Digest = "", Tenant = tenant, Manifest = manifest, Tools = [], Layers = [], CreatedAt = time.GetUtcNow() });
        return ListAsync(draft, cancellationToken);
    }

    /// <summary>Connects to a server, in a sandbox of its own where it is in one, and gives the version its lists.</summary>
    /// <exception cref="FunctionFaultException">The server does not answer as one.</exception>
    public async Task<FunctionVersion> ListAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var address = new ServerAddress(version.Tenant, Ids.New(), version.Manifest.Name, ServerAddress.LinkOf(version)) { Sharing = ServerSharing.Call };
        try
        {
            await using var connection = await dialer.OpenAsync(address, version, isWatch: true, static (_, _) => { }, either.Token);
            var transport = dialer.FoundOf(version)?.Transport ?? version.Manifest.Remote?.Transport ?? RemoteTransport.StreamableHttp;
            return await SourceListing.ReadAsync(connection, version, transport, time.GetUtcNow(), either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new FunctionFaultException(FaultCode.UpstreamFailed, $"the MCP server '{version.Manifest.Name}' did not answer within {s_patience.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is IOException or System.Text.Json.JsonException)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server '{version.Manifest.Name}' cannot be listed: {error.Message}"), error);
        }
    }
}
