using System.Text.Json;

using ToolRuntime.E2b.Client;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>Tools that make, show, copy and end sandboxes.</summary>
public sealed class SandboxCalls(SandboxSessions sessions)
{
    /// <summary><c>sandbox_create</c>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> CreateAsync(ApiInvocation call, CancellationToken cancellationToken)
    {
        using var arguments = new SandboxArguments(call);
        var record = await sessions.CreateAsync(arguments, cancellationToken);
        return ToolAnswer.Write(writer => Write(writer, record));
    }

    /// <summary><c>sandbox_list</c>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ListAsync(ApiInvocation call, CancellationToken cancellationToken)
    {
        var directory = sessions.Client.Directory;
        var tenant = call.Invocation.Caller.Tenant;
        return ValueTask.FromResult(ToolAnswer.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("sandboxes"u8);
            foreach (var record in directory.Of(tenant))
            {
                Write(writer, record);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("snapshots"u8);
            foreach (var snapshot in directory.SnapshotsOf(tenant))
            {
                Write(writer, snapshot);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
    }

    /// <summary><c>sandbox_kill</c>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> KillAsync(ApiInvocation call, CancellationToken cancellationToken)
    {
        using var arguments = new SandboxArguments(call);
        var record = sessions.Find(arguments);
        await sessions.Client.KillAsync(record, cancellationToken);
        return ToolAnswer.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("ended"u8, record.Id);
            writer.WriteEndObject();
        });
    }

    /// <summary><c>sandbox_fork</c>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ForkAsync(ApiInvocation call, CancellationToken cancellationToken)
    {
        using var arguments = new SandboxArguments(call);
        var record = sessions.Find(arguments);
        var command = SandboxClient.Command(SandboxOperation.Fork) with { Count = (int)(arguments.Number("count") ?? 1), TimeoutSeconds = 8 * 3600 };
        var answer = await sessions.Client.DoAsync(record, command, cancellationToken);
        return ToolAnswer.Write(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("sandboxes"u8);
                foreach (var fork in answer.Forks)
                {
                    if (fork.Record is { } made)
                    {
                        Write(writer, made);
                    }
                }

                writer.WriteEndArray();
                writer.WriteStartArray("failed"u8);
                foreach (var fault in answer.Forks.Select(f => f.Fault).OfType<FunctionFault>())
                {
                    writer.WriteStringValue(fault.Message);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            },
            isError: answer.Forks.All(f => f.Record is null));
    }

    /// <summary><c>sandbox_snapshot</c>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> SnapshotAsync(ApiInvocation call, CancellationToken cancellationToken)
    {
        using var arguments = new SandboxArguments(call);
        var answer = await sessions.Client.DoAsync(sessions.Find(arguments), SandboxClient.Command(SandboxOperation.Snapshot) with { Name = arguments.Text("name") }, cancellationToken);
        return ToolAnswer.Write(writer => Write(writer, answer.Snapshot!));
    }

    /// <summary><c>sandbox_reset</c>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ResetAsync(ApiInvocation call, CancellationToken cancellationToken)
    {
        using var arguments = new SandboxArguments(call);
        var wanted = arguments.Text("snapshot") ?? "";
        var snapshot = sessions.Client.Directory.FindSnapshot(arguments.Tenant, wanted)
            ?? throw new FunctionFaultException(FaultCode.SandboxNotFound, $"there is no snapshot '{wanted}'", "sandbox_list names them");
        var answer = await sessions.Client.DoAsync(sessions.Find(arguments), SandboxClient.Command(SandboxOperation.Reset) with { Snapshot = snapshot.Id }, cancellationToken);
        return ToolAnswer.Write(writer => Write(writer, answer.Record!));
    }

    private static void Write(Utf8JsonWriter writer, SandboxRecord record)
    {
        writer.WriteStartObject();
        writer.WriteString("session"u8, record.Id);
        writer.WriteString("state"u8, record.State == SandboxState.Running ? "running" : "suspended");
        writer.WriteString("template"u8, record.Template);
        writer.WriteString("startedAt"u8, record.StartedAt);
        if (record.Metadata.Count > 0)
        {
            writer.WriteStartObject("metadata"u8);
            foreach (var (key, value) in record.Metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SandboxSnapshot snapshot)
    {
        writer.WriteStartObject();
        writer.WriteString("snapshot"u8, snapshot.Id);
        if (snapshot.Name is { } name)
        {
            writer.WriteString("name"u8, name);
        }

        writer.WriteString("session"u8, snapshot.Sandbox);
        writer.WriteString("createdAt"u8, snapshot.CreatedAt);
        writer.WriteNumber("bytes"u8, snapshot.Bytes);
        writer.WriteEndObject();
    }
}
