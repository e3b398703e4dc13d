using System.Buffers.Binary;
using System.Text.Json.Nodes;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Kernels;

/// <summary>A kernel, driven over its control pipe as a gateway drives it.</summary>
internal sealed class KernelTalk(Stream toKernel, Stream fromKernel)
{
    private const byte Execute = 2;
    private const byte Restored = 6;
    private const byte Interrupt = 8;
    private const byte Done = 19;
    private const byte Event = 21;
    private readonly List<JsonObject> _early = [];
    private uint _call;

    /// <summary>READY's payload.</summary>
    public async Task<JsonObject> ReadyAsync(CancellationToken cancellationToken)
    {
        var (type, _, body) = await ReadAsync(cancellationToken);
        Assert.Equal((byte)WorkerFrameType.Ready, type);
        return body;
    }

    /// <summary>Sends a cell; its number.</summary>
    public async Task<uint> BeginAsync(string code, JsonObject? environment, string? folder, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["code"] = code };
        if (environment is not null)
        {
            body["env"] = environment;
        }

        if (folder is not null)
        {
            body["cwd"] = folder;
        }

        var call = ++_call;
        await SendAsync(Execute, call, body, cancellationToken);
        return call;
    }

    /// <summary>From here on as another host, which numbers its calls from one again.</summary>
    public void Anew() => _call = 0;

    /// <summary>Says that the sandbox was restored.</summary>
    public Task RestoredAsync(byte[] seed, CancellationToken cancellationToken) =>
        SendAsync(Restored, 0, new JsonObject { ["seed"] = Convert.ToBase64String(seed), ["time"] = 0 }, cancellationToken);

    /// <summary>Waits until a cell has printed something.</summary>
    public async Task PrintedAsync(uint call, CancellationToken cancellationToken)
    {
        while (_early.Count == 0 || (string?)_early[^1]["type"] != "stdout")
        {
            var (type, of, body) = await ReadAsync(cancellationToken);
            Assert.Equal((Event, call), (type, of));
            _early.Add(body);
        }
    }

    /// <summary>The events of a cell until it is done; the first, which counts, left out.</summary>
    public async Task<IReadOnlyList<JsonObject>> EndAsync(uint call, CancellationToken cancellationToken)
    {
        List<JsonObject> events = [.. _early];
        _early.Clear();
        while (true)
        {
            var (type, of, body) = await ReadAsync(cancellationToken);
            if (of != call)
            {
                continue;
            }

            if (type == Done)
            {
                Assert.Equal("number_of_executions", (string?)events[0]["type"]);
                Assert.Equal((int?)events[0]["execution_count"], (int?)body["execution_count"]);
                return events[1..];
            }

            Assert.Equal(Event, type);
            events.Add(body);
        }
    }

    /// <summary>Runs a cell.</summary>
    public async Task<IReadOnlyList<JsonObject>> RunAsync(string code, CancellationToken cancellationToken, JsonObject? environment = null, string? folder = null) =>
        await EndAsync(await BeginAsync(code, environment, folder, cancellationToken), cancellationToken);

    /// <summary>Interrupts as the gateway does, again and again until the cell has ended.</summary>
    public async Task<IReadOnlyList<JsonObject>> InterruptedAsync(uint call, Func<Task> signal, CancellationToken cancellationToken)
    {
        var ended = EndAsync(call, cancellationToken);
        do
        {
            await SendAsync(Interrupt, call, [], cancellationToken);
            await signal();
        }
        while (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken)) != ended);
        return await ended;
    }

    private async Task SendAsync(byte type, uint call, JsonObject body, CancellationToken cancellationToken)
    {
        var payload = System.Text.Encoding.UTF8.GetBytes(body.ToJsonString());
        var frame = new byte[WorkerFrameHeader.Size + payload.Length];
        new WorkerFrameHeader((WorkerFrameType)type, call, payload.Length).Write(frame);
        payload.CopyTo(frame, WorkerFrameHeader.Size);
        await toKernel.WriteAsync(frame, cancellationToken);
        await toKernel.FlushAsync(cancellationToken);
    }

    private async Task<(byte Type, uint Call, JsonObject Body)> ReadAsync(CancellationToken cancellationToken)
    {
        var head = new byte[WorkerFrameHeader.Size];
        await fromKernel.ReadExactlyAsync(head, cancellationToken);
        var payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(head) - 5];
        await fromKernel.ReadExactlyAsync(payload, cancellationToken);
        return (head[4], BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(5)), JsonNode.Parse(payload)!.AsObject());
    }
}
