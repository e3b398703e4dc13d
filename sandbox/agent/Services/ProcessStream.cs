using System.Buffers.Binary;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Takes the host's process frames: standard input, signals, sizes.</summary>
internal sealed class ProcessStream(ManagedProcess process) : IStreamHandler
{
    private readonly byte[] _header = new byte[ProcessFrameHeader.Size];
    private readonly byte[] _small = new byte[4];
    private int _headerFilled;
    private int _smallFilled;
    private ProcessFrameHeader _frame;
    private uint _remaining;

    public void OnData(AgentStream stream, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[(_remaining > 0 ? OnPayload(stream, data) : OnHeader(stream, data))..];
        }
    }

    /// <summary>The host's end of the stream says nothing about standard input, which has a frame of its own.</summary>
    public void OnFinish(AgentStream stream)
    {
    }

    public void OnDead(AgentStream stream) => process.Output.Detach(stream);

    private int OnHeader(AgentStream stream, ReadOnlySpan<byte> data)
    {
        var taken = Math.Min(_header.Length - _headerFilled, data.Length);
        data[..taken].CopyTo(_header.AsSpan(_headerFilled));
        _headerFilled += taken;
        stream.Credit(taken);
        if (_headerFilled == _header.Length)
        {
            _headerFilled = _smallFilled = 0;
            _frame = ProcessFrameHeader.Read(_header);
            _remaining = _frame.Length;
            if (_frame.Type == ProcessFrameType.InputEnd)
            {
                process.Input?.Close();
            }
        }

        return taken;
    }

    private int OnPayload(AgentStream stream, ReadOnlySpan<byte> data)
    {
        var piece = data[..(int)Math.Min((uint)data.Length, _remaining)];
        _remaining -= (uint)piece.Length;
        if (_frame.Type == ProcessFrameType.Input && process.Input is { } input)
        {
            input.Write(piece, stream);
            return piece.Length;
        }

        stream.Credit(piece.Length);
        var small = piece[..Math.Min(piece.Length, _small.Length - _smallFilled)];
        small.CopyTo(_small.AsSpan(_smallFilled));
        _smallFilled += small.Length;
        if (_remaining == 0 && _smallFilled == _small.Length)
        {
            OnSmall();
        }

        return piece.Length;
    }

    private void OnSmall()
    {
        if (_frame.Type == ProcessFrameType.Signal)
        {
            process.SignalLater(BinaryPrimitives.ReadInt32LittleEndian(_small));
        }
        else if (_frame.Type == ProcessFrameType.Resize)
        {
            process.Input?.Resize(new AgentTerminal(BinaryPrimitives.ReadUInt16LittleEndian(_small), BinaryPrimitives.ReadUInt16LittleEndian(_small.AsSpan(2))));
        }
    }
}
