using System.Collections.Concurrent;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;
using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Worker;

/// <summary>One worker: one thread reads, calls run on the pool; at most one script, many calls.</summary>
internal sealed class WorkerServer(FrameChannel channel, string assemblyLayer)
{
    private const int SpareThreads = 4;
    private readonly ConcurrentDictionary<uint, CallRun> _calls = new();
    private volatile LoadedScript? _script;

    /// <summary>The pipe to the host.</summary>
    public FrameChannel Channel { get; } = channel;

    /// <summary>Questions to the host.</summary>
    public HostCalls Host { get; } = new(channel);

    /// <summary>Serves until SHUTDOWN or the end of the pipe.</summary>
    public void Run()
    {
        Say(WorkerFrameType.Ready, json =>
        {
            json.WriteString("language"u8, "csharp");
            json.WriteString("version"u8, Environment.Version.ToString());
            json.WriteNumber("pid"u8, Environment.ProcessId);
        });
        while (Channel.Read() is { Type: not WorkerFrameType.Shutdown } frame)
        {
            Take(frame);
        }
    }

    /// <summary>A call has its answer.</summary>
    public void Done(CallRun call) => _calls.TryRemove(call.Number, out _);

    private void Take(Frame frame)
    {
        switch (frame.Type)
        {
            case WorkerFrameType.Call:
                Start(frame);
                break;
            case WorkerFrameType.Cancel:
                Cancel(frame);
                break;
            case WorkerFrameType.HostReply:
                Host.Reply(frame.Payload);
                break;
            case WorkerFrameType.Load:
                _ = LoadAsync(frame.Payload);
                break;
            default:
                Console.Error.WriteLine($"toolruntime: a frame of the unknown type {(byte)frame.Type} is ignored");
                break;
        }
    }

    private void Start(Frame frame)
    {
        if (_script is not { } script)
        {
            Say(WorkerFrameType.Error, json => WriteFault(json, "nothing is loaded"), frame.Call);
            return;
        }

        var call = new CallRun(this, script, frame, CallHead.Parse(frame.Payload, out var argumentsAt), argumentsAt);
        _calls[frame.Call] = call;
        ThreadPool.UnsafeQueueUserWorkItem(call, preferLocal: false);
    }

    private void Cancel(Frame frame)
    {
        if (!_calls.TryGetValue(frame.Call, out var call))
        {
            return;
        }

        using var document = JsonDocument.Parse(frame.Payload);
        var reason = document.RootElement.TryGetProperty("reason"u8, out var said) ? said.GetString() : null;

        // User code may run in a token's callback, and this thread must go on reading.
        ThreadPool.UnsafeQueueUserWorkItem(static s => s.call.Cancel(s.Item2), (call, reason ?? "cancelled"), preferLocal: false);
    }

    private async Task LoadAsync(byte[] payload)
    {
        await Task.Yield();
        try
        {
            var request = LoadRequest.Parse(payload);
            ThreadPool.SetMinThreads(request.Concurrency + SpareThreads, 1);
            var script = await ScriptLoader.LoadAsync(request, assemblyLayer);
            _script = script;
            Say(WorkerFrameType.Loaded, json => WriteLoaded(json, script));
        }
        catch (ScriptFault fault)
        {
            Say(WorkerFrameType.LoadFailed, json => WriteLoadFailed(json, fault));
        }
        catch (Exception error)
        {
            // The rim of a load: the host waits for one answer, whatever went wrong.
            Say(WorkerFrameType.LoadFailed, json => WriteLoadFailed(json, new ScriptFault($"the script cannot be loaded: {Faults.Describe(error)}", error.ToString())));
        }
    }

    private static void WriteLoaded(Utf8JsonWriter json, LoadedScript script)
    {
        if (script.Definitions is { } tools)
        {
            json.WritePropertyName("tools"u8);
            tools.WriteTo(json);
        }

        json.WriteStartArray("warnings"u8);
        foreach (var warning in script.Warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
    }

    private static void WriteLoadFailed(Utf8JsonWriter json, ScriptFault fault)
    {
        json.WriteString("message"u8, Faults.Cut(fault.Message, Faults.MaximumMessage));
        json.WriteString("detail"u8, Faults.Cut(fault.Detail ?? "", Faults.MaximumDetail));
        if (fault.Line is { } line)
        {
            json.WriteNumber("line"u8, line);
        }
    }

    private static void WriteFault(Utf8JsonWriter json, string message)
    {
        json.WriteString("code"u8, "LoadFailed");
        json.WriteString("message"u8, message);
    }

    private void Say(WorkerFrameType type, Action<Utf8JsonWriter> write, uint call = 0)
    {
        var frame = FrameBuilder.Begin(type, call);
        frame.Json.WriteStartObject();
        write(frame.Json);
        frame.Json.WriteEndObject();
        Channel.Send(frame);
    }
}
