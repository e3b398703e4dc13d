using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Client;

/// <summary>Makes sandboxes, commands the runtimes that have them, and opens streams to their agents.</summary>
public sealed class SandboxClient(MessageBus bus, SandboxDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan s_endIsTold = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<string, Lazy<Task<SandboxRecord>>> _waking = new(StringComparer.Ordinal);

    /// <summary>What stands.</summary>
    public SandboxDirectory Directory => directory;

    /// <summary>Makes a sandbox from an image or a snapshot, which may be named by its name.</summary>
    /// <exception cref="FunctionFaultException">It could not be made; says why.</exception>
    public async Task<SandboxRecord> CreateAsync(SandboxCreate create, CancellationToken cancellationToken)
    {
        SandboxAnswer answer;
        if (directory.FindSnapshot(create.Tenant, create.Source) is { } snapshot)
        {
            var command = new SandboxCommand { Operation = SandboxOperation.Create, Tenant = create.Tenant, Id = create.Id, Create = create with { Source = snapshot.Id } };
            answer = await AskAsync(SandboxCommand.RequestNameOf(snapshot.Runtime), command, FunctionsJson.Default.SandboxCommand, cancellationToken);
        }
        else if (create.Settings.Volumes is [var first, ..])
        {
            // Where its volumes are.
            var command = new SandboxCommand { Operation = SandboxOperation.Create, Tenant = create.Tenant, Id = create.Id, Create = create };
            answer = await AskAsync(SandboxCommand.RequestNameOf(directory.GetVolume(create.Tenant, first.Name).Runtime), command, FunctionsJson.Default.SandboxCommand, cancellationToken);
        }
        else
        {
            answer = await AskAsync(SandboxCreate.RequestName, create, FunctionsJson.Default.SandboxCreate, cancellationToken);
        }

        return Applied(answer);
    }

    /// <summary>Tells the runtime that has <paramref name="record"/> what to do; <paramref name="command"/> names operation and members only.</summary>
    /// <exception cref="FunctionFaultException">It could not be done; says why.</exception>
    public async Task<SandboxAnswer> DoAsync(SandboxRecord record, SandboxCommand command, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(record, command with { Tenant = record.Tenant, Id = record.Id }, cancellationToken);
        foreach (var fork in answer.Forks)
        {
            if (fork.Record is { } made)
            {
                directory.Apply(made);
            }
        }

        if (answer.Snapshot is { } snapshot)
        {
            directory.Apply(snapshot);
        }

        if (answer.Record is not null)
        {
            Applied(answer);
        }

        return answer;
    }

    /// <summary>Ends a sandbox.</summary>
    public async Task KillAsync(SandboxRecord record, CancellationToken cancellationToken)
    {
        await DoAsync(record, Command(SandboxOperation.Kill), cancellationToken);
        directory.Forget(record.Id);
    }

    /// <summary>Ends one that may have ended already.</summary>
    public async Task LeaveAsync(SandboxRecord record)
    {
        try
        {
            await KillAsync(record, CancellationToken.None);
        }
        catch (FunctionFaultException gone) when (gone.Fault.Code == FaultCode.SandboxNotFound)
        {
            return;
        }
    }

    /// <summary>Removes a snapshot.</summary>
    public async Task RemoveAsync(SandboxSnapshot snapshot, CancellationToken cancellationToken)
    {
        var command = new SandboxCommand { Operation = SandboxOperation.RemoveSnapshot, Tenant = snapshot.Tenant, Id = snapshot.Id };
        await AskAsync(SandboxCommand.RequestNameOf(snapshot.Runtime), command, FunctionsJson.Default.SandboxCommand, cancellationToken);
        directory.Forget(snapshot.Id);
    }

    /// <summary>Gives a snapshot other tags.</summary>
    public async Task TagAsync(SandboxSnapshot snapshot, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var command = new SandboxCommand { Operation = SandboxOperation.Tag, Tenant = snapshot.Tenant, Id = snapshot.Id, Tags = tags };
        var answer = await AskAsync(SandboxCommand.RequestNameOf(snapshot.Runtime), command, FunctionsJson.Default.SandboxCommand, cancellationToken);
        directory.Apply(answer.Snapshot ?? throw new FunctionFaultException(FaultCode.Internal, "the runtime did not say what became of the snapshot"));
    }

    /// <summary>The sandbox, woken where it is paused; those who ask at once wait for the same waking.</summary>
    public async Task<SandboxRecord> AwakeAsync(SandboxRecord record, CancellationToken cancellationToken)
    {
        if (record.State == SandboxState.Running)
        {
            return record;
        }

        var waking = _waking.GetOrAdd(record.Id, _ => new Lazy<Task<SandboxRecord>>(() => WakeAsync(record)));
        return await waking.Value.WaitAsync(cancellationToken);
    }

    /// <summary>Why the connection to a sandbox broke: what its runtime says of its end, for which it is waited a moment.</summary>
    public async Task<FunctionFault> WhyLostAsync(SandboxRecord record, CancellationToken cancellationToken) => await EndAsync(record, cancellationToken) is { } ended
        ? ended with { Code = FaultCode.SandboxLost }
        : new FunctionFault(FaultCode.SandboxLost, $"the connection to sandbox {record.Id} broke", "call again");

    /// <summary>A stream of the agent's channel, on which nothing was sent yet.</summary>
    /// <exception cref="FunctionFaultException">The sandbox is gone or paused, or its runtime does not answer.</exception>
    public ValueTask<Stream> OpenAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        bus.Pipes.OpenAsync(new PipeAddress(record.Tenant, record.Id, PipeTarget.Agent, "") { Runtime = record.Runtime }, cancellationToken);

    /// <summary>Opens a stream with <paramref name="request"/>; the stream then carries what the operation says.</summary>
    /// <exception cref="AgentException">The agent refused.</exception>
    /// <exception cref="FunctionFaultException">The sandbox is gone or paused, or its runtime does not answer.</exception>
    public async ValueTask<(Stream Stream, AgentReply Reply)> OpenAsync(SandboxRecord record, AgentRequest request, CancellationToken cancellationToken)
    {
        var stream = await OpenAsync(record, cancellationToken);
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

    /// <summary>Asks the agent one thing; lists come whole.</summary>
    /// <exception cref="AgentException">The agent refused.</exception>
    /// <exception cref="FunctionFaultException">The sandbox is gone or paused, or its runtime does not answer.</exception>
    public async ValueTask<AgentReply> AskAsync(SandboxRecord record, AgentRequest request, CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(record, cancellationToken);
        return await AgentExchange.ListAsync(stream, request, cancellationToken);
    }

    /// <summary>A command that says nothing of its sandbox yet.</summary>
    public static SandboxCommand Command(SandboxOperation operation) => new() { Operation = operation, Tenant = "", Id = "" };

    /// <summary>What the bus tells of a sandbox's end within a moment, or null.</summary>
    private async Task<FunctionFault?> EndAsync(SandboxRecord record, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; waited < s_endIsTold && directory.Find(record.Id) is not null; waited += s_lookAgain)
        {
            await Task.Delay(s_lookAgain, time, cancellationToken);
        }

        return directory.Find(record.Id) is null ? directory.Missing(record.Tenant, record.Id) : null;
    }

    private async Task<SandboxRecord> WakeAsync(SandboxRecord record)
    {
        try
        {
            return (await DoAsync(record, Command(SandboxOperation.Resume), CancellationToken.None)).Record!;
        }
        finally
        {
            _waking.TryRemove(record.Id, out _);
        }
    }

    private SandboxRecord Applied(SandboxAnswer answer)
    {
        var record = answer.Record ?? throw new FunctionFaultException(FaultCode.Internal, "the runtime did not say what became of the sandbox");
        directory.Apply(record);
        return record;
    }

    // Its runtime knows first that it is gone; why is told with the record.
    private async Task<SandboxAnswer> AskAsync(SandboxRecord record, SandboxCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(SandboxCommand.RequestNameOf(record.Runtime), command, FunctionsJson.Default.SandboxCommand, cancellationToken);
        }
        catch (FunctionFaultException gone) when (gone.Fault.Code == FaultCode.SandboxNotFound)
        {
            throw new FunctionFaultException(await EndAsync(record, cancellationToken) ?? gone.Fault, gone);
        }
    }

    private async Task<SandboxAnswer> AskAsync<T>(string name, T request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var answer = await bus.Requests.RequestAsync(name, JsonSerializer.SerializeToUtf8Bytes(request, type), cancellationToken);
        return JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.SandboxAnswer) ?? throw new FunctionFaultException(FaultCode.Internal, "the runtime's answer is empty");
    }
}
