using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Runtime;
using ToolRuntime.Runtime.Hosting;
using ToolRuntime.Runtime.Live;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Volumes;
using ToolRuntime.Tests.Integration.Runtime;

namespace ToolRuntime.Tests.Integration.Live;

/// <summary>One runtime with sandboxes that callers drive, told what to do as gateways tell it. It can be ended and started again on its folder.</summary>
internal sealed class LiveMachine(RuntimeMachine machine, string folder, CancellationToken within) : IAsyncDisposable
{
    private RuntimeService? _runtime;
    private string _runtimeId = "";

    /// <summary>Where paused sandboxes lie.</summary>
    public string Folder => folder;

    /// <summary>Where volumes lie.</summary>
    public string VolumeFolder => Path.Combine(folder, "volumes");

    public async Task StartAsync()
    {
        var options = new RuntimeOptions { Pools = [], Live = new LiveOptions { Folder = folder, Volumes = new VolumeOptions { Folder = VolumeFolder } } };
        _runtimeId = options.RuntimeId;
        _runtime = machine.NewRuntime(machine.Bus, options);
        await _runtime.StartAsync(within);
    }

    public async Task StopAsync()
    {
        await _runtime!.StopAsync(within);
        await _runtime.DisposeAsync();
        _runtime = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_runtime is not null)
        {
            await StopAsync();
        }
    }

    public async Task<SandboxRecord> CreateAsync(SandboxSettings? settings = null, string source = "code", int seconds = 600)
    {
        var create = new SandboxCreate { Tenant = Caller.LocalTenant, Id = Ids.New(), Template = source, Source = source, TimeoutSeconds = seconds, Settings = settings ?? new SandboxSettings() };
        return (await AskAsync(SandboxCreate.RequestName, JsonSerializer.SerializeToUtf8Bytes(create, FunctionsJson.Default.SandboxCreate))).Record!;
    }

    public Task<SandboxAnswer> DoAsync(SandboxOperation operation, string id, Func<SandboxCommand, SandboxCommand>? with = null)
    {
        var command = new SandboxCommand { Operation = operation, Tenant = Caller.LocalTenant, Id = id };
        command = with?.Invoke(command) ?? command;
        return AskAsync(SandboxCommand.RequestNameOf(_runtimeId), JsonSerializer.SerializeToUtf8Bytes(command, FunctionsJson.Default.SandboxCommand));
    }

    /// <summary>What a command in the sandbox prints, errors included.</summary>
    public async Task<string> RunAsync(string id, string command, AgentUser? user = null)
    {
        await using var stream = await machine.Bus.Pipes.OpenAsync(new PipeAddress(Caller.LocalTenant, id, PipeTarget.Agent, "") { Runtime = _runtimeId }, within);
        await using var process = await AgentProcess.OpenAsync(stream, new AgentRequest { Op = AgentOperation.Spawn, Argv = ["/bin/bash", "-c", command], Cwd = "/home/user", User = user }, within);
        var output = new StringBuilder();
        while (await process.ReadAsync(within) is { } piece)
        {
            output.Append(Encoding.UTF8.GetString(piece.Data.Span));
        }

        return output.ToString().Trim();
    }

    /// <summary>Makes a volume.</summary>
    public async Task<VolumeRecord> VolumeAsync(string name, long quotaMiB = 64) =>
        (await VolumeAsync(new VolumeCommand { Operation = VolumeOperation.Create, Tenant = Caller.LocalTenant, Id = Ids.New(), Name = name, QuotaMiB = quotaMiB })).Record;

    /// <summary>Tells the runtime what to do with a volume.</summary>
    public async Task<VolumeAnswer> VolumeAsync(VolumeCommand command)
    {
        var name = command.Operation == VolumeOperation.Create ? VolumeCommand.CreateName : VolumeCommand.RequestNameOf(_runtimeId);
        var answer = await machine.Bus.Requests.RequestAsync(name, JsonSerializer.SerializeToUtf8Bytes(command, FunctionsJson.Default.VolumeCommand), within);
        return JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.VolumeAnswer)!;
    }

    /// <summary>Asks one thing of a volume's files, as a gateway does.</summary>
    public async Task<AgentReply> AskAsync(VolumeRecord volume, AgentRequest request)
    {
        await using var stream = await OpenAsync(volume);
        return await AgentExchange.ListAsync(stream, request, within);
    }

    /// <summary>A pipe to a volume's files.</summary>
    public ValueTask<Stream> OpenAsync(VolumeRecord volume) =>
        machine.Bus.Pipes.OpenAsync(new PipeAddress(volume.Tenant, volume.Id, PipeTarget.Volume, "") { Runtime = _runtimeId }, within);

    /// <summary>Waits until the bus says of a sandbox what is wanted; null where its record is gone.</summary>
    public async Task<SandboxRecord?> UntilAsync(string id, Func<SandboxRecord?, bool> wanted)
    {
        await foreach (var (_, name, record) in machine.Bus.Sandboxes.WatchAsync(within))
        {
            var known = name == id ? record : name is null ? await machine.Bus.Sandboxes.FindAsync(Caller.LocalTenant, id, within) : null;
            if ((name == id || name is null) && wanted(known))
            {
                return known;
            }
        }

        throw new InvalidOperationException("the watch ended");
    }

    private async Task<SandboxAnswer> AskAsync(string name, byte[] request)
    {
        var answer = await machine.Bus.Requests.RequestAsync(name, request, within);
        return JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.SandboxAnswer)!;
    }
}
