namespace ToolRuntime.Sandbox.Archives;

/// <summary>
/// Writes a tar as a stream. System.Formats.Tar would name the pax records by the process, so that no two archives were equal, and keeps
/// attributes as text, which file capabilities are not.
/// </summary>
internal sealed class TarOutput(Stream destination, CancellationToken cancellationToken)
{
    private const int EndBlocks = 2;
    private readonly byte[] _buffer = new byte[128 * 1024];

    /// <summary>Writes an entry without content.</summary>
    public void Write(TarItem item)
    {
        cancellationToken.ThrowIfCancellationRequested();
        destination.Write(TarHeader.Of(item));
    }

    /// <summary>Writes a file's entry and its content.</summary>
    /// <exception cref="IOException">The content is not of the size that the entry tells.</exception>
    public void Write(TarItem item, Stream content)
    {
        Write(item);
        long written = 0;
        while (content.Read(_buffer) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            destination.Write(_buffer, 0, count);
            written += count;
        }

        if (written != item.Size)
        {
            throw new IOException($"{item.Name} changed while it was read: {item.Size} bytes first, {written} then");
        }

        destination.Write(new byte[TarHeader.Filling(written)]);
    }

    /// <summary>Writes what ends a tar.</summary>
    public void End() => destination.Write(new byte[EndBlocks * TarHeader.Block]);
}
