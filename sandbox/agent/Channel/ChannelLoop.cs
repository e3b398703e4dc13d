using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>The receiving half of the channel, on the program's main thread: HELLO, frames until SUSPEND, the next HELLO.</summary>
internal sealed unsafe class ChannelLoop
{
    private const int BufferSize = 128 * 1024;
    private readonly int _input;
    private readonly ChannelOutput _output;
    private readonly Func<ChannelLoop, IStreamHandler> _handlers;
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferSize);
    private int _start;
    private int _end;
    private volatile Connection? _connection;

    internal ChannelLoop(int input, int output, Func<ChannelLoop, IStreamHandler> handlers)
    {
        (_input, _handlers) = (input, handlers);
        _output = new ChannelOutput(output);
    }

    /// <summary>Returns when the channel has ended.</summary>
    internal void Run()
    {
        while (Handshake())
        {
            if (!RunEpoch())
            {
                return;
            }
        }
    }

    /// <summary>Called by the suspend operation, on this thread: nothing goes out any more, and the next bytes are a HELLO.</summary>
    internal void Suspend()
    {
        _connection!.KillStreams();
        _output.Suspend();
        _connection.Parser.Stop();
    }

    /// <summary>Opens a stream to the host; null while there is none, or no room for it.</summary>
    internal AgentStream? Open(IStreamHandler handler) => _connection?.Open(handler);

    private bool Handshake()
    {
        while (_end - _start < Hello.Length)
        {
            if (!Fill())
            {
                return false;
            }
        }

        var hello = Hello.Read(new ReadOnlySpan<byte>(_buffer + _start, Hello.Length));
        _start += Hello.Length;
        _connection = new Connection(hello, _output, () => _handlers(this));
        _output.Open(new Welcome(hello.Epoch, (uint)Libc.GetProcessId()));
        return true;
    }

    private bool RunEpoch()
    {
        var parser = _connection!.Parser;
        while (true)
        {
            _start += parser.Feed(new ReadOnlySpan<byte>(_buffer + _start, _end - _start));
            if (parser.Stopped)
            {
                return true;
            }

            if (!Fill())
            {
                return false;
            }
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            new Span<byte>(_buffer + _start, _end - _start).CopyTo(new Span<byte>(_buffer, BufferSize));
            (_start, _end) = (0, _end - _start);
        }

        var read = Descriptors.Read(_input, _buffer + _end, BufferSize - _end);
        _end += read;
        return read > 0;
    }
}
