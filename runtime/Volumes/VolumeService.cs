using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Runtime.Volumes;

/// <summary>The volumes of this runtime on request over the bus; what gateways must know of them stands there before a request is answered.</summary>
internal sealed class VolumeService(MessageBus bus, VolumeStore store, string runtime, string home) : IAsyncDisposable
{
    private const int Concurrency = 64;
    private readonly List<IAsyncDisposable> _served = [];

    /// <summary>The volumes.</summary>
    public VolumeStore Store => store;

    /// <summary>Tells the bus what there is, and begins to answer.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await RenewAsync(cancellationToken);
        await ForgetLostAsync(cancellationToken);
        _served.Add(bus.Requests.Serve(VolumeCommand.CreateName, Concurrency, DoAsync));
        _served.Add(bus.Requests.Serve(VolumeCommand.RequestNameOf(runtime), Concurrency, DoAsync));
    }

    /// <summary>Writes every record again, so that none goes by itself.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        foreach (var record in store.All)
        {
            await bus.Volumes.PutAsync(record.Tenant, record.Name, record with { Runtime = runtime, Home = home }, cancellationToken);
        }
    }

    /// <summary>The runtime's end of a pipe to a volume's files.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound.</exception>
    public async ValueTask<Stream> OpenAsync(PipeAddress address, CancellationToken cancellationToken) =>
        VolumePipe.Open(await store.OpenAsync(address.Tenant, address.Session, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var served in _served)
        {
            await served.DisposeAsync();
        }

        _served.Clear();
        await store.DisposeAsync();
    }

    private async ValueTask<ReadOnlyMemory<byte>> DoAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var command = JsonSerializer.Deserialize(request.Span, FunctionsJson.Default.VolumeCommand) ?? throw new FunctionFaultException(FaultCode.Internal, "the request is empty");
        var answer = command.Operation switch
        {
            VolumeOperation.Create => await CreateAsync(command, cancellationToken),
            VolumeOperation.Look => await store.LookAsync(command.Tenant, command.Id, cancellationToken),
            VolumeOperation.Remove => await RemoveAsync(command, cancellationToken),
            _ => throw new FunctionFaultException(FaultCode.InvalidArguments, $"{command.Operation} is no command for a volume"),
        };
        return JsonSerializer.SerializeToUtf8Bytes(answer, FunctionsJson.Default.VolumeAnswer);
    }

    private async Task<VolumeAnswer> CreateAsync(VolumeCommand command, CancellationToken cancellationToken)
    {
        var name = command.Name ?? "";
        if (Names.IsVolume(name) && await bus.Volumes.FindAsync(command.Tenant, name, cancellationToken) is { } other && other.Home != home)
        {
            throw new FunctionFaultException(FaultCode.SandboxConflict, $"there is a volume '{name}' already", "choose another name, or use that one");
        }

        var wanted = new VolumeRecord { Tenant = command.Tenant, Id = command.Id, Name = name, Runtime = runtime, Home = home, QuotaMiB = command.QuotaMiB ?? -1 };
        var made = await store.CreateAsync(wanted, cancellationToken);
        await bus.Volumes.PutAsync(made.Tenant, made.Name, made, cancellationToken);
        return new VolumeAnswer(made, 0, made.QuotaMiB << 20, []);
    }

    private async Task<VolumeAnswer> RemoveAsync(VolumeCommand command, CancellationToken cancellationToken)
    {
        var gone = await store.RemoveAsync(command.Tenant, command.Id, cancellationToken);
        await bus.Volumes.RemoveAsync(gone.Tenant, gone.Name, cancellationToken);
        return new VolumeAnswer(gone, 0, 0, []);
    }

    /// <summary>Volumes of this folder of which nothing is on disk any more.</summary>
    private async Task ForgetLostAsync(CancellationToken cancellationToken)
    {
        var here = store.All.Select(v => v.Id).ToHashSet(StringComparer.Ordinal);
        await foreach (var (tenant, name, record) in bus.Volumes.WatchAsync(cancellationToken))
        {
            if (name is null)
            {
                return;
            }

            if (record?.Home == home && !here.Contains(record.Id))
            {
                await bus.Volumes.RemoveAsync(tenant, name, cancellationToken);
            }
        }
    }
}
