using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Client;

/// <summary>Makes and removes volumes, and opens streams to their files.</summary>
public sealed class VolumeClient(MessageBus bus, SandboxDirectory directory)
{
    /// <summary>What stands.</summary>
    public SandboxDirectory Directory => directory;

    /// <summary>Makes a volume.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="name">Its name.</param>
    /// <param name="quotaMiB">Most that it holds, MiB; 0 for what the disk holds, null for what host.json says.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="FunctionFaultException">It could not be made; says why.</exception>
    public async Task<VolumeRecord> CreateAsync(string tenant, string name, long? quotaMiB, CancellationToken cancellationToken)
    {
        if (directory.VolumesOf(tenant).FirstOrDefault(v => v.Name == name) is not null)
        {
            throw new FunctionFaultException(FaultCode.SandboxConflict, $"there is a volume '{name}' already", "choose another name, or use that one");
        }

        var answer = await AskAsync(VolumeCommand.CreateName, new VolumeCommand { Operation = VolumeOperation.Create, Tenant = tenant, Id = Ids.New(), Name = name, QuotaMiB = quotaMiB }, cancellationToken);
        directory.Apply(answer.Record);
        return answer.Record;
    }

    /// <summary>How full a volume is, and who has it.</summary>
    /// <exception cref="FunctionFaultException">Its runtime does not say.</exception>
    public Task<VolumeAnswer> LookAsync(VolumeRecord volume, CancellationToken cancellationToken) => DoAsync(volume, VolumeOperation.Look, cancellationToken);

    /// <summary>Removes a volume with what it holds.</summary>
    /// <exception cref="FunctionFaultException">SandboxConflict: a sandbox has it.</exception>
    public async Task RemoveAsync(VolumeRecord volume, CancellationToken cancellationToken)
    {
        await DoAsync(volume, VolumeOperation.Remove, cancellationToken);
        directory.Forget(volume.Id);
    }

    /// <summary>Opens a stream with <paramref name="request"/>, one of the agent's operations on files with a path from the volume's root.</summary>
    /// <exception cref="AgentException">It was refused.</exception>
    /// <exception cref="FunctionFaultException">The volume is gone, or its runtime does not answer.</exception>
    public async ValueTask<(Stream Stream, AgentReply Reply)> OpenAsync(VolumeRecord volume, AgentRequest request, CancellationToken cancellationToken)
    {
        var stream = await bus.Pipes.OpenAsync(new PipeAddress(volume.Tenant, volume.Id, PipeTarget.Volume, "") { Runtime = volume.Runtime }, cancellationToken);
        try
        {
            return (stream, await AgentExchange.OpenAsync(stream, request, cancellationToken));
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks one thing of a volume's files; lists come whole.</summary>
    /// <exception cref="AgentException">It was refused.</exception>
    /// <exception cref="FunctionFaultException">The volume is gone, or its runtime does not answer.</exception>
    public async ValueTask<AgentReply> AskAsync(VolumeRecord volume, AgentRequest request, CancellationToken cancellationToken)
    {
        var (stream, first) = await OpenAsync(volume, request, cancellationToken);
        await using var opened = stream;
        return await AgentExchange.ReadRestAsync(opened, request.Op, first, cancellationToken);
    }

    private Task<VolumeAnswer> DoAsync(VolumeRecord volume, VolumeOperation operation, CancellationToken cancellationToken) =>
        AskAsync(VolumeCommand.RequestNameOf(volume.Runtime), new VolumeCommand { Operation = operation, Tenant = volume.Tenant, Id = volume.Id }, cancellationToken);

    private async Task<VolumeAnswer> AskAsync(string name, VolumeCommand command, CancellationToken cancellationToken)
    {
        var answer = await bus.Requests.RequestAsync(name, JsonSerializer.SerializeToUtf8Bytes(command, FunctionsJson.Default.VolumeCommand), cancellationToken);
        return JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.VolumeAnswer) ?? throw new FunctionFaultException(FaultCode.Internal, "the runtime's answer is empty");
    }
}
