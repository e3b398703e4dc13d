using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Sockets;

/// <summary>Reads the beginning of a connection, whose maker has a while for it.</summary>
internal sealed unsafe class SocketReader(int socket)
{
    private const int SocketLevel = 1;
    private const int ReceiveTimeout = 20;
    private const int ChunkSize = 4096;
    private byte[] _bytes = [];

    /// <summary>What has been read and not taken.</summary>
    internal ReadOnlySpan<byte> Rest => _bytes;

    /// <summary>How long a read waits; 0 is for ever.</summary>
    internal void SetPatience(int seconds)
    {
        var time = stackalloc long[2] { seconds, 0 };
        _ = Libc.SetSocketOption(socket, SocketLevel, ReceiveTimeout, time, 16);
    }

    /// <summary>The next <paramref name="count"/> bytes.</summary>
    /// <exception cref="InvalidDataException">The connection ended before.</exception>
    internal byte[] Take(int count)
    {
        while (_bytes.Length < count)
        {
            Fill();
        }

        var taken = _bytes[..count];
        _bytes = _bytes[count..];
        return taken;
    }

    /// <summary>All up to and with <paramref name="mark"/>; null when there are <paramref name="most"/> bytes without it.</summary>
    /// <exception cref="InvalidDataException">The connection ended before.</exception>
    internal byte[]? TakeUntil(ReadOnlySpan<byte> mark, int most)
    {
        int at;
        while ((at = _bytes.AsSpan().IndexOf(mark)) < 0)
        {
            if (_bytes.Length >= most)
            {
                return null;
            }

            Fill();
        }

        return Take(at + mark.Length);
    }

    private void Fill()
    {
        var chunk = stackalloc byte[ChunkSize];
        var read = Descriptors.Read(socket, chunk, ChunkSize);
        _bytes = read > 0
            ? [.. _bytes, .. new ReadOnlySpan<byte>(chunk, read)]
            : throw new InvalidDataException("The connection ended before its request.");
    }
}
