using System.Text.Json;

using Microsoft.Extensions.Hosting;

using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Routing;
using ToolRuntime.Gateway.Secrets;

namespace ToolRuntime.Gateway;

/// <summary>What the gateway answers to other parts on the bus: <see cref="ChildCall"/>, <see cref="ChildToolList"/> and <see cref="SecretRequest"/>.</summary>
public sealed class PartServices(MessageBus bus, ToolCatalog catalog, ChildCalls children, SecretStore secrets) : IHostedService, IAsyncDisposable
{
    private const int CallConcurrency = 4096;
    private const int LookupConcurrency = 64;
    private readonly List<IAsyncDisposable> _served = [];

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A gateway that starts does not know all tools yet: what it has not read is not missing.
        _served.Add(bus.Requests.Serve(ChildCall.RequestName, CallConcurrency, async (request, ending) =>
        {
            await catalog.Current.WaitAsync(ending);
            return await children.CallAsync(request, ending);
        }));
        _served.Add(bus.Requests.Serve(ChildToolList.RequestName, LookupConcurrency, async (request, ending) =>
        {
            await catalog.Current.WaitAsync(ending);
            return children.List(Read(request, FunctionsJson.Default.ChildToolList));
        }));
        _served.Add(bus.Requests.Serve(SecretRequest.RequestName, LookupConcurrency, (request, _) =>
            ValueTask.FromResult(Resolve(Read(request, FunctionsJson.Default.SecretRequest)))));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var served in _served)
        {
            await served.DisposeAsync();
        }

        _served.Clear();
    }

    private static T Read<T>(ReadOnlyMemory<byte> request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(request.Span, type) ?? throw new FunctionFaultException(FaultCode.Internal, "the request is empty");

    private ReadOnlyMemory<byte> Resolve(SecretRequest request) =>
        JsonSerializer.SerializeToUtf8Bytes(secrets.Resolve(request.Tenant, request.Names), FunctionsJson.Default.SecretValues);
}
