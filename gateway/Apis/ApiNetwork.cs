using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Grpc;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Where an API's documents and calls may go.</summary>
public static class ApiNetwork
{
    private static readonly FetchOptions s_options = new();

    /// <summary>Connects to what the settings allow and to nothing else.</summary>
    /// <exception cref="FunctionFaultException">A name among the allowed hosts is none.</exception>
    public static PinnedConnector Connector(ApiSettings settings)
    {
        try
        {
            return new PinnedConnector(AddressPolicy.Allowing(settings.AllowedHosts));
        }
        catch (ApiFaultException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.DeployRefused, error.Fault.Message, error.Fault.Hint), error);
        }
    }

    /// <summary>Fetches the document that the settings name, or where that is no document, the one that the server there offers; and all that it refers to.</summary>
    /// <exception cref="FunctionFaultException">An allowed host is none.</exception>
    /// <exception cref="ApiDocumentException">It cannot be had or is no document.</exception>
    public static async Task<ApiPackage> GatherAsync(ApiSettings settings, IReadOnlyList<ReadOnlyMemory<byte>> overlays, TimeProvider time, CancellationToken cancellationToken)
    {
        var source = new Uri(settings.Source!);
        if (GrpcSource.IsOne(source))
        {
            return await DescribeAsync(source, settings, overlays, time, cancellationToken);
        }

        using var fetcher = new DocumentFetcher(s_options, Connector(settings), time);
        return await new ApiDiscovery(() => new RemoteDocuments(fetcher, s_options), overlays).GatherAsync(source, cancellationToken);
    }

    /// <summary>A gRPC server's document is what it answers to reflection.</summary>
    private static async Task<ApiPackage> DescribeAsync(Uri server, ApiSettings settings, IReadOnlyList<ReadOnlyMemory<byte>> overlays, TimeProvider time, CancellationToken cancellationToken)
    {
        if (overlays.Count > 0)
        {
            throw new ApiDocumentException($"'{server}' describes itself by reflection, to which no overlay can be applied", "", "leave --overlay out");
        }

        try
        {
            var document = await GrpcSource.DescribeAsync(server, new GrpcOptions(), Connector(settings), time, cancellationToken);
            return new ApiPackage { Root = server, Documents = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [server.AbsoluteUri] = document } };
        }
        catch (ApiFaultException error)
        {
            throw new ApiDocumentException(error.Fault.Message, "", error.Fault.Hint ?? "");
        }
    }
}
