using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Interpreter;

/// <summary>The control pipe of one kernel; one execution at a time.</summary>
/// <param name="stream">The pipe.</param>
/// <param name="cwd">The folder that the kernel began in.</param>
internal sealed class KernelConnection(Stream stream, string cwd) : IAsyncDisposable
{
    // What kernels send at most.
    private const int MaximumEvent = 64 * 1024 * 1024;
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private uint _call;
    private Task<int>? _ahead;

    /// <summary>The folder that the kernel began in.</summary>
    public string Cwd => cwd;

    /// <summary>Held by whoever runs code.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>Whether its stream is known to be over: its sandbox was paused, put back or ended, or the kernel was.</summary>
    public bool HasEnded => _ahead is { IsCompleted: true } ahead && (!ahead.IsCompletedSuccessfully || ahead.Result == 0);

    /// <summary>Reads ahead while nothing runs, which is how an end is heard.</summary>
    public void Watch()
    {
        if (_ahead is null && _start == _end)
        {
            (_start, _end) = (0, 0);
            _ahead = stream.ReadAsync(_buffer, CancellationToken.None).AsTask();
        }
    }

    /// <summary>Tells a kernel that may be a copy of another to draw other random numbers than that.</summary>
    public async ValueTask RestoredAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        const int SeedLength = 32;
        const int Restored = 6;
        var json = Encoding.UTF8.GetBytes($$"""{"seed":"{{Convert.ToBase64String(RandomNumberGenerator.GetBytes(SeedLength))}}","time":{{now.ToUnixTimeMilliseconds()}}000000}""");
        await WriteAsync(Restored, 0, json, cancellationToken);
    }

    /// <summary>Tells a kernel to end an execution. Node's hears it so; all others by the signal that is sent beside it.</summary>
    public ValueTask InterruptAsync(uint call, CancellationToken cancellationToken)
    {
        const int Interrupt = 8;
        return WriteAsync(Interrupt, call, "{}"u8.ToArray(), cancellationToken);
    }

    /// <summary>Waits for READY of a kernel that was just started.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var (header, _) = await ReadAsync(cancellationToken);
        if (header.Type != WorkerFrameType.Ready)
        {
            throw new InvalidDataException($"A kernel began with a frame of type {(int)header.Type}.");
        }
    }

    /// <summary>Sends code; returns the number of the execution.</summary>
    public async ValueTask<uint> SendAsync(string code, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        var call = ++_call;
        var json = new MemoryStream();
        json.SetLength(WorkerFrameHeader.Size);
        json.Position = WorkerFrameHeader.Size;
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("code"u8, code);
            if (environment is { Count: > 0 })
            {
                writer.WriteStartObject("env"u8);
                foreach (var (key, value) in environment)
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        new WorkerFrameHeader(WorkerFrameType.Call, call, (int)json.Length - WorkerFrameHeader.Size).Write(json.GetBuffer());
        await stream.WriteAsync(json.GetBuffer().AsMemory(0, (int)json.Length), cancellationToken);
        return call;
    }

    /// <summary>The next event of an execution as JSON, valid until the next call; null when it is done.</summary>
    /// <exception cref="IOException">The kernel has ended.</exception>
    /// <exception cref="InvalidDataException">The kernel wrote what is no frame.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(uint call, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (header, payload) = await ReadAsync(cancellationToken);
            if (header.Call != call)
            {
                // What is left of an execution that nobody waits for any more.
                continue;
            }

            switch (header.Type)
            {
                case WorkerFrameType.Output:
                    return payload;
                case WorkerFrameType.Result:
                    Watch();
                    return null;
                default:
                    throw new InvalidDataException($"A kernel sent a frame of type {(int)header.Type}.");
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async ValueTask WriteAsync(int type, uint call, byte[] json, CancellationToken cancellationToken)
    {
        var frame = new byte[WorkerFrameHeader.Size + json.Length];
        new WorkerFrameHeader((WorkerFrameType)type, call, json.Length).Write(frame);
        json.CopyTo(frame.AsSpan(WorkerFrameHeader.Size));
        await stream.WriteAsync(frame, cancellationToken);
    }

    private async ValueTask<(WorkerFrameHeader Header, ReadOnlyMemory<byte> Payload)> ReadAsync(CancellationToken cancellationToken)
    {
        await FillAsync(WorkerFrameHeader.Size, cancellationToken);
        var header = WorkerFrameHeader.Read(_buffer.AsSpan(_start));
        if (header.PayloadLength > MaximumEvent)
        {
            throw new InvalidDataException($"A kernel sent an event of {header.PayloadLength} bytes; at most {MaximumEvent} are taken.");
        }

        await FillAsync(WorkerFrameHeader.Size + header.PayloadLength, cancellationToken);
        var payload = _buffer.AsMemory(_start + WorkerFrameHeader.Size, header.PayloadLength);
        _start += WorkerFrameHeader.Size + header.PayloadLength;
        return (header, payload);
    }

    private async ValueTask FillAsync(int needed, CancellationToken cancellationToken)
    {
        if (_end - _start >= needed)
        {
            return;
        }

        if (_ahead is { } ahead)
        {
            var read = await ahead.WaitAsync(cancellationToken);
            _ahead = null;
            _end += read > 0 ? read : throw new EndOfStreamException("The kernel has ended.");
        }

        if (_buffer.Length - _start < needed)
        {
            var room = _buffer.Length >= needed ? _buffer : new byte[needed + (needed / 2)];
            _buffer.AsSpan(_start.._end).CopyTo(room);
            (_buffer, _start, _end) = (room, 0, _end - _start);
        }

        while (_end - _start < needed)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += read > 0 ? read : throw new EndOfStreamException("The kernel has ended.");
        }
    }
}
