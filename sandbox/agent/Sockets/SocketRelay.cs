using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Sockets;

/// <summary>Carries bytes between a socket, which it takes over, and a stream: this thread to the socket, another from it.</summary>
internal sealed unsafe class SocketRelay(AgentStream stream, StreamInput input, int socket)
{
    private const int StopWriting = 1;
    private const int StopBoth = 2;
    private int _socket = socket;
    private int _users = 2;

    /// <summary>Most bytes that are taken from the socket to the stream; what comes then is read and dropped.</summary>
    internal long Most { get; init; } = long.MaxValue;

    /// <summary>Whether the end of the stream is the end of the socket, in both directions.</summary>
    internal bool EndsTogether { get; init; }

    /// <summary>Runs until both directions have ended. <paramref name="first"/> came with the reply and goes to the socket before the rest.</summary>
    internal void Run(ReadOnlySpan<byte> first)
    {
        AgentThread.Start("relay", RelayOut);
        try
        {
            Write(first);
            while (input.Read(stream) is { } piece)
            {
                Write(piece.Span);
            }

            _ = Libc.Shutdown(_socket, EndsTogether ? StopBoth : StopWriting);
        }
        catch (Exception error) when (error is NativeException or InvalidDataException)
        {
            stream.Reset();
            _ = Libc.Shutdown(_socket, StopBoth);
        }

        Release();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            _ = Descriptors.Write(_socket, start, bytes.Length);
        }
    }

    private void RelayOut()
    {
        var frame = (byte*)NativeMemory.Alloc(YamuxHeader.Size + Yamux.MaximumData);
        try
        {
            var left = Most;
            while (stream.WaitWindow(1) is var window and > 0)
            {
                var read = Descriptors.Read(_socket, frame + YamuxHeader.Size, window);
                var taken = (int)Math.Min(read, left);
                if (read == 0 || (taken > 0 && !stream.Send(frame, taken)))
                {
                    break;
                }

                left -= taken;
            }

            stream.Finish();
        }
        catch (NativeException)
        {
            stream.Reset();
        }

        NativeMemory.Free(frame);
        Release();
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Descriptors.Close(ref _socket);
        }
    }
}
