using System.IO.Pipelines;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Runtime.Volumes;

/// <summary>The runtime's end of a pipe to a volume: what is written to it goes to <see cref="VolumeFiles"/>, what comes from there is read. Each direction holds 256 KiB.</summary>
internal sealed class VolumePipe : DuplexStream, IHalfClosable
{
    private static readonly PipeOptions s_bounds = new(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false);
    private readonly Pipe _inward = new(s_bounds);
    private readonly Pipe _outward = new(s_bounds);
    private readonly CancellationTokenSource _closing = new();
    private int _closed;

    private VolumePipe()
    {
    }

    /// <summary>A pipe to <paramref name="tree"/>, which it disposes of at its end.</summary>
    public static VolumePipe Open(VolumeTree tree)
    {
        var pipe = new VolumePipe();
        _ = Task.Run(() => pipe.ServeAsync(tree));
        return pipe;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await _outward.Reader.AsStream(leaveOpen: true).ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var flushed = await _inward.Writer.WriteAsync(buffer, cancellationToken);
        if (flushed.IsCompleted)
        {
            throw new IOException("the volume takes no more");
        }
    }

    /// <inheritdoc/>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => _inward.Writer.CompleteAsync();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
        {
            // A half of an upload must not look like the whole of it.
            _inward.Writer.Complete(new IOException("the pipe was closed"));
            _outward.Reader.Complete();
            _closing.Cancel();
        }

        base.Dispose(disposing);
    }

    private async Task ServeAsync(VolumeTree tree)
    {
        Exception? failed = null;
        try
        {
            using (tree)
            {
                var files = new VolumeFiles(tree, _inward.Reader.AsStream(leaveOpen: true), _outward.Writer.AsStream(leaveOpen: true));
                await files.RunAsync(_closing.Token);
            }
        }
        catch (Exception error)
        {
            // The rim of one pipe: whoever opened it hears that it broke.
            failed = error;
        }
        finally
        {
            await _inward.Reader.CompleteAsync();
            await _outward.Writer.CompleteAsync(failed is null ? null : new IOException(failed.Message, failed));
        }
    }
}
