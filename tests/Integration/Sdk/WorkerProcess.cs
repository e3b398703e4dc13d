using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sdk;

/// <summary>One frame of a worker.</summary>
public sealed record Frame(WorkerFrameType Type, uint Call, JsonObject Body);

/// <summary>A real worker, driven over pipes as the host drives it through the agent.</summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private readonly Process _process;
    private readonly CancellationTokenSource _deadline = new(Deadline);
    private readonly StringBuilder _errors = new();
    private uint _lastCall;

    private WorkerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => { lock (_errors) { _errors.AppendLine(line.Data); } };
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Errors { get { lock (_errors) { return _errors.ToString(); } } }

    public JsonObject Ready { get; private set; } = [];

    public static Task<WorkerProcess> PythonAsync() => StartAsync("python3", Path.Combine(SdkFiles.Sdk, "python", "worker.py"));

    public static async Task<WorkerProcess> NodeAsync() =>
        await StartAsync((await NodeTools.GetAsync()).Node, Path.Combine(SdkFiles.Sdk, "node", "worker.mjs"));

    public static async Task<WorkerProcess> StartAsync(params string[] command)
    {
        // The control pipes become 3 and 4; the worker's own output goes to stderr, as the agent keeps it apart.
        var start = new ProcessStartInfo("bash") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>&2", "worker", .. command])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["NODE_PATH"] = NodeTools.Modules;
        var worker = new WorkerProcess(Process.Start(start)!);
        var ready = await worker.ReceiveAsync();
        Assert.Equal(WorkerFrameType.Ready, ready.Type);
        worker.Ready = ready.Body;
        return worker;
    }

    public async Task<Frame> LoadAsync(string path, bool inspect = false, int outputBytes = 100_000, int concurrency = 4)
    {
        var request = new JsonObject
        {
            ["root"] = Path.GetDirectoryName(path),
            ["entry"] = Path.GetFileName(path),
            ["language"] = "any",
            ["environment"] = new JsonObject { ["FROM_LOAD"] = "yes" },
            ["concurrency"] = concurrency,
            ["outputBytes"] = outputBytes,
            ["inspect"] = inspect,
        };
        await SendAsync(WorkerFrameType.Load, 0, request);
        return await ReceiveAsync();
    }

    /// <summary>Sends a CALL and gives its number.</summary>
    public async Task<uint> BeginAsync(string tool, string arguments, bool stream = false, JsonNode? checkpoint = null)
    {
        var call = ++_lastCall;
        await WriteAsync(CallFrame(call, tool, arguments, stream, checkpoint));
        return call;
    }

    /// <summary>The bytes of a CALL.</summary>
    public static byte[] CallFrame(uint call, string tool, string arguments, bool stream = false, JsonNode? checkpoint = null)
    {
        var head = new JsonObject
        {
            ["entry"] = tool,
            ["tool"] = tool,
            ["invocation"] = $"invocation{call:d10}",
            ["session"] = "session0000000000000",
            ["tenant"] = "local",
            ["function"] = "test",
            ["attempt"] = 1,
            ["deadlineMs"] = 60_000,
            ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ["stream"] = stream,
        };
        if (checkpoint is not null)
        {
            head["checkpoint"] = checkpoint;
        }

        var headBytes = Encoding.UTF8.GetBytes(head.ToJsonString());
        var payload = new byte[4 + headBytes.Length + Encoding.UTF8.GetByteCount(arguments)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, headBytes.Length);
        headBytes.CopyTo(payload, 4);
        Encoding.UTF8.GetBytes(arguments, payload.AsSpan(4 + headBytes.Length));
        return Encode(WorkerFrameType.Call, call, payload);
    }

    /// <summary>Runs one call alone: its frames, the answer last.</summary>
    public async Task<IReadOnlyList<Frame>> CallAsync(string tool, string arguments = "{}", bool stream = false, JsonNode? checkpoint = null)
    {
        var call = await BeginAsync(tool, arguments, stream, checkpoint);
        return await AnswerAsync(call);
    }

    /// <summary>Frames until a call's answer.</summary>
    public async Task<IReadOnlyList<Frame>> AnswerAsync(uint call)
    {
        var frames = new List<Frame>();
        while (true)
        {
            var frame = await ReceiveAsync();
            Assert.Equal(call, frame.Call);
            frames.Add(frame);
            if (frame.Type is WorkerFrameType.Result or WorkerFrameType.Error)
            {
                return frames;
            }
        }
    }

    public Task SendAsync(WorkerFrameType type, uint call, JsonObject body) =>
        WriteAsync(Encode(type, call, Encoding.UTF8.GetBytes(body.ToJsonString())));

    /// <summary>Writes bytes as they are.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await _process.StandardInput.BaseStream.WriteAsync(bytes, _deadline.Token);
        await _process.StandardInput.BaseStream.FlushAsync(_deadline.Token);
    }

    public async Task<Frame> ReceiveAsync()
    {
        var header = new byte[9];
        var output = _process.StandardOutput.BaseStream;
        try
        {
            await output.ReadExactlyAsync(header, _deadline.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(header) - 5];
            await output.ReadExactlyAsync(payload, _deadline.Token);
            return new Frame((WorkerFrameType)header[4], BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(5)), JsonNode.Parse(payload)!.AsObject());
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidOperationException($"the worker ended: {Errors}", error);
        }
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(_deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Largest resident memory so far, KiB.</summary>
    public int PeakKiB() => int.Parse(File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))["VmHWM:".Length..^2]);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _deadline.Dispose();
    }

    private static byte[] Encode(WorkerFrameType type, uint call, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length + 5);
        frame[4] = (byte)type;
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(5), call);
        payload.CopyTo(frame, 9);
        return frame;
    }
}
