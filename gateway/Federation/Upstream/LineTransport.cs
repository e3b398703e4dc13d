using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>One JSON message per line over a byte stream: a server's stdin and stdout.</summary>
internal sealed class LineTransport(Stream stream) : IServerTransport
{
    private const int MaximumLine = 32 * 1024 * 1024;
    private readonly PipeReader _reader = PipeReader.Create(stream);
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task RunAsync(ServerInbox inbox, CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is { } line)
        {
            try
            {
                await inbox.Received(line, 0);
            }
            catch (JsonException)
            {
                // Servers print what is meant for people to where messages go: like official clients, one goes on with the next line.
                continue;
            }
        }
    }

    public void Agree(string revision)
    {
        // Lines look the same in all revisions.
    }

    public async ValueTask SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        // White space at line ends within a message becomes spaces.
        var line = new byte[message.Body.Length + 1];
        message.Body.CopyTo(line);
        line.AsSpan(0, message.Body.Length).Replace((byte)'\n', (byte)' ');
        line.AsSpan(0, message.Body.Length).Replace((byte)'\r', (byte)' ');
        line[^1] = (byte)'\n';
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(line, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public ValueTask CancelAsync(long id, CancellationToken cancellationToken) =>
        SendAsync(new OutgoingMessage(UpstreamMessages.Cancelled(id), UpstreamMessages.CancelledMethod, 0), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        _turn.Dispose();
    }

    /// <summary>The next line in memory of its own, or null at the end.</summary>
    /// <exception cref="InvalidDataException">A line is longer than any message may be.</exception>
    private async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end).ToArray();
                _reader.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            if (buffer.Length > MaximumLine)
            {
                throw new InvalidDataException($"a message of more than {MaximumLine} bytes");
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }
}
