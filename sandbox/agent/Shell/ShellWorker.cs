using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>The resident worker for bash: docs/PROTOCOL.md section 2 on descriptors 3 and 4. Two shells always wait, so that a call does not pay for starting one.</summary>
internal sealed unsafe class ShellWorker(Reaper reaper)
{
    private const int Input = 3;
    private const int Waiting = 2;

    // A worker that is not loaded this soon was not waited for.
    private const int CalmMillis = 50;
    private const int DefaultOutputBytes = 16 * 1024 * 1024;
    private readonly Lock _gate = new();
    private readonly WorkerOutput _output = new();
    private readonly Queue<ShellProcess> _shells = new();
    private readonly Dictionary<uint, ShellCall> _calls = [];
    private LoadedScript? _loaded;

    /// <summary>Serves until SHUTDOWN or the end of the pipe.</summary>
    internal int Run()
    {
        // The shells must not see the control pipe.
        _ = Libc.Fcntl(Input, Descriptors.SetDescriptorFlags, 1);
        _ = Libc.Fcntl(WorkerOutput.Descriptor, Descriptors.SetDescriptorFlags, 1);
        _output.Send(WorkerFrameType.Ready, 0, json =>
        {
            json.WriteString("language"u8, "shell");
            json.WriteNumber("pid"u8, Libc.GetProcessId());
        });
        Refill(1);
        if (!HasInput(CalmMillis))
        {
            Refill(Waiting);
        }

        var header = new byte[WorkerFrameHeader.Size];
        while (ReadExactly(header))
        {
            var frame = WorkerFrameHeader.Read(header);
            var payload = new byte[frame.PayloadLength];
            if (!ReadExactly(payload) || frame.Type == WorkerFrameType.Shutdown)
            {
                break;
            }

            Take(frame, payload);
        }

        reaper.SignalAll(9);
        return 0;
    }

    private void Take(WorkerFrameHeader frame, byte[] payload)
    {
        switch (frame.Type)
        {
            case WorkerFrameType.Load:
                Load(payload);
                break;
            case WorkerFrameType.Call:
                Call(frame.Call, payload);
                break;
            case WorkerFrameType.Cancel:
                using (var reason = JsonDocument.Parse(payload))
                {
                    Find(frame.Call)?.Cancel(reason.RootElement.TryGetProperty("reason", out var text) ? text.GetString() ?? "cancelled" : "cancelled");
                }

                break;
            case WorkerFrameType.HostReply:
                using (var reply = JsonDocument.Parse(payload))
                {
                    Find(frame.Call)?.Context.Reply(reply.RootElement);
                }

                break;
        }
    }

    private void Load(byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        var request = document.RootElement;
        try
        {
            _loaded = ShellLoader.Load(request, DefaultOutputBytes);
            var inspect = request.TryGetProperty("inspect", out var asked) && asked.ValueKind == JsonValueKind.True;
            var tools = inspect ? new JsonArray(ShellLoader.Inspect(reaper, _loaded, request)) : null;
            _output.Send(WorkerFrameType.Loaded, 0, json =>
            {
                if (tools is not null)
                {
                    json.WritePropertyName("tools"u8);
                    tools.WriteTo(json);
                }
            });
        }
        catch (ShellHeaderException error)
        {
            _output.Send(WorkerFrameType.LoadFailed, 0, json =>
            {
                json.WriteString("message"u8, error.Message);
                json.WriteString("detail"u8, "");
                json.WriteNumber("line"u8, error.Line);
            });
        }
    }

    private void Call(uint number, byte[] payload)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload);
        using var head = JsonDocument.Parse(payload.AsMemory(4, length));
        var arguments = payload.AsSpan(4 + length);
        if (_loaded is not { } loaded)
        {
            Refuse(number, "No function is loaded.");
            return;
        }

        var shell = TakeShell();
        var streams = head.RootElement.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;
        var call = new ShellCall(number, loaded, shell, _output, streams);
        lock (_gate)
        {
            _calls[number] = call;
        }

        shell.Run(ShellScript.Build(loaded, head.RootElement, arguments), arguments);
        AgentThread.Start("call", () =>
        {
            call.Run();
            lock (_gate)
            {
                _calls.Remove(number);
            }

            shell.Dispose();
            Refill(Waiting);
        });
    }

    private void Refuse(uint number, string message) => _output.Send(WorkerFrameType.Error, number, json =>
    {
        json.WriteString("code"u8, "LoadFailed");
        json.WriteString("message"u8, message);
    });

    private ShellCall? Find(uint number)
    {
        lock (_gate)
        {
            return _calls.GetValueOrDefault(number);
        }
    }

    private ShellProcess TakeShell()
    {
        lock (_gate)
        {
            while (_shells.TryDequeue(out var shell))
            {
                if (!shell.HasEnded)
                {
                    return shell;
                }

                shell.Dispose();
            }
        }

        return ShellProcess.Start(reaper);
    }

    private void Refill(int count)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_shells.Count >= count)
                {
                    return;
                }
            }

            var shell = ShellProcess.Start(reaper);
            lock (_gate)
            {
                _shells.Enqueue(shell);
            }
        }
    }

    private static bool HasInput(int millis)
    {
        var source = new PollDescriptor { Descriptor = Input, Events = PollDescriptor.In };
        return Libc.Poll(&source, 1, millis) > 0;
    }

    private static bool ReadExactly(byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            for (var filled = 0; filled < buffer.Length;)
            {
                var read = Descriptors.Read(Input, start + filled, buffer.Length - filled);
                if (read == 0)
                {
                    return false;
                }

                filled += read;
            }
        }

        return true;
    }
}
