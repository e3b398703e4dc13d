using System.Buffers.Binary;
using System.Text.Json;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Live;

/// <summary>
/// One stream of an agent's channel for whoever opened a pipe. It begins with the opener's request, which is held back until it is whole: only
/// operations that concern the inside of a sandbox go on to the agent.
/// </summary>
internal sealed class AgentPipe(AgentClient agent, Action closed) : Stream, IHalfClosable
{
    private static readonly HashSet<string> s_refused = new(StringComparer.Ordinal) { AgentOperation.Suspend, AgentOperation.EgressListen };
    private readonly MemoryStream _request = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HalfClosableStream? _stream;
    private int _closed;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_stream is null)
        {
            await _opened.Task.WaitAsync(cancellationToken);
        }

        return await _stream!.ReadAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _stream is { } stream ? stream.WriteAsync(buffer, cancellationToken) : BeginAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        _stream?.Finish();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _opened.TrySetException(new ObjectDisposedException(nameof(AgentPipe)));
            _ = _opened.Task.Exception;
            _stream?.Dispose();
            closed();
        }

        base.Dispose(disposing);
    }

    private async ValueTask BeginAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        _request.Write(buffer.Span);
        if (_request.Length < sizeof(uint))
        {
            return;
        }

        var bytes = _request.GetBuffer().AsMemory(0, (int)_request.Length);
        var whole = sizeof(uint) + (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
        if (whole > MessageFraming.Maximum + sizeof(uint))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"a request of {whole} bytes, at most {MessageFraming.Maximum} are allowed");
        }

        if (bytes.Length < whole)
        {
            return;
        }

        Check(bytes.Span[sizeof(uint)..(int)whole]);
        var stream = agent.NewStream(isWide: true);
        await stream.WriteAsync(bytes, cancellationToken);

        _stream = stream;
        _opened.TrySetResult();
    }

    private static void Check(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            var op = JsonElement.ParseValue(ref reader).TryGetProperty("op"u8, out var value) ? value.GetString() : null;
            if (op is null || s_refused.Contains(op))
            {
                throw new FunctionFaultException(FaultCode.Denied, $"the operation '{op}' is the runtime's alone");
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"a pipe must begin with a request: {error.Message}");
        }
    }
}
