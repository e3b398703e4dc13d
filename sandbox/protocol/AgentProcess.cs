using System.Buffers.Binary;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>
/// A process in the sandbox, streamed: process frames over a stream of the agent's channel, or over a pipe to it. A slow reader slows the
/// process. Disposing lets go of it: it runs on, its last 64 KiB of output are kept unless it was started otherwise, and it can be attached
/// again.
/// </summary>
public sealed class AgentProcess : IAsyncDisposable
{
    private const int ExitLength = 8;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[Yamux.MaximumData];
    private readonly SemaphoreSlim _writing = new(1);
    private int _start;
    private int _end;
    private ProcessFrameHeader _frame;
    private uint _remaining;

    /// <summary>Takes over a stream on which a process was just started or attached.</summary>
    public AgentProcess(string id, int processId, Stream stream) => (Id, ProcessId, _stream) = (id, processId, stream);

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Its process id in the sandbox.</summary>
    public int ProcessId { get; }

    /// <summary>How it ended; set after <see cref="ReadAsync"/> gave null.</summary>
    public ProcessExit? Exit { get; private set; }

    /// <summary>Sends <c>spawn</c> or <c>attach</c> on a fresh stream and takes that over.</summary>
    /// <exception cref="AgentException">The agent refused; the stream is still the caller's.</exception>
    public static async ValueTask<AgentProcess> OpenAsync(Stream stream, AgentRequest request, CancellationToken cancellationToken)
    {
        var reply = await AgentExchange.OpenAsync(stream, request, cancellationToken);
        return new AgentProcess(reply.Id ?? request.Id ?? "", reply.Pid, stream);
    }

    /// <summary>The next piece, or null after the last; then <see cref="Exit"/> is set.</summary>
    /// <exception cref="IOException">The channel ended before the process.</exception>
    /// <exception cref="InvalidDataException">The agent sent what is no process frame.</exception>
    public async ValueTask<ProcessOutput?> ReadAsync(CancellationToken cancellationToken)
    {
        while (Exit is null)
        {
            if (_remaining == 0)
            {
                await ReadHeaderAsync(cancellationToken);
                continue;
            }

            if (_frame.Type == ProcessFrameType.Exit)
            {
                await FillAsync(ExitLength, cancellationToken);
                var frame = _buffer.AsSpan(_start, ExitLength);
                Exit = new ProcessExit(BinaryPrimitives.ReadInt32LittleEndian(frame), BinaryPrimitives.ReadInt32LittleEndian(frame[4..]));
                break;
            }

            await FillAsync(1, cancellationToken);
            var length = (int)Math.Min(_remaining, (uint)(_end - _start));
            var piece = new ProcessOutput(_frame.Type == ProcessFrameType.Error, _buffer.AsMemory(_start, length));
            _start += length;
            _remaining -= (uint)length;
            return piece;
        }

        return null;
    }

    /// <summary>Writes to its standard input. Cancelling a write that has begun lets go of the process.</summary>
    /// <exception cref="IOException">The channel has ended.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < data.Length;)
        {
            var piece = data.Slice(sent, Math.Min(data.Length - sent, Yamux.MaximumData - ProcessFrameHeader.Size));
            await SendAsync(ProcessFrameType.Input, piece, cancellationToken);
            sent += piece.Length;
        }
    }

    /// <summary>Ends its standard input.</summary>
    public ValueTask CloseInputAsync(CancellationToken cancellationToken) => SendAsync(ProcessFrameType.InputEnd, default, cancellationToken);

    /// <summary>Sends a signal to it and its children, in order with its input; none when it has ended.</summary>
    public ValueTask SignalAsync(int signal, CancellationToken cancellationToken)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, signal);
        return SendAsync(ProcessFrameType.Signal, payload, cancellationToken);
    }

    /// <summary>Changes the size of its terminal.</summary>
    public ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellationToken)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(payload, size.Rows);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(2), size.Columns);
        return SendAsync(ProcessFrameType.Resize, payload, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _writing.Dispose();
    }

    private async ValueTask SendAsync(ProcessFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var frame = new byte[ProcessFrameHeader.Size + payload.Length];
        new ProcessFrameHeader(type, (uint)payload.Length).Write(frame);
        payload.CopyTo(frame.AsMemory(ProcessFrameHeader.Size));
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _stream.WriteAsync(frame, cancellationToken);
            await _stream.FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Half a frame may have gone out, and nothing can follow it.
            await _stream.DisposeAsync();
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        await FillAsync(ProcessFrameHeader.Size, cancellationToken);
        _frame = ProcessFrameHeader.Read(_buffer.AsSpan(_start));
        _start += ProcessFrameHeader.Size;
        _remaining = _frame.Length;
        if (_frame.Type is < ProcessFrameType.Output or > ProcessFrameType.Exit || (_frame.Type == ProcessFrameType.Exit && _remaining != ExitLength))
        {
            throw new InvalidDataException($"The agent sent a process frame of type {(int)_frame.Type} and {_frame.Length} bytes.");
        }
    }

    private async ValueTask FillAsync(int needed, CancellationToken cancellationToken)
    {
        if (_end - _start >= needed)
        {
            return;
        }

        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (_end < needed)
        {
            var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += read > 0 ? read : throw new EndOfStreamException($"The stream of process '{Id}' ended before the process.");
        }
    }
}
