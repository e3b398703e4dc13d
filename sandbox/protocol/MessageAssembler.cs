namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Gathers one message from pieces; holds at most <see cref="MessageFraming.Maximum"/> bytes, and only what has come.</summary>
public sealed class MessageAssembler
{
    private byte[] _buffer = new byte[512];
    private int _filled;

    /// <summary>Whether the message is whole.</summary>
    public bool Complete => _filled >= 4 && _filled == 4 + MessageFraming.ReadLength(_buffer);

    /// <summary>The JSON; only when <see cref="Complete"/>.</summary>
    public ReadOnlySpan<byte> Json => _buffer.AsSpan(4, _filled - 4);

    /// <summary>Takes what belongs to the message; returns how many bytes that were.</summary>
    /// <exception cref="InvalidDataException">It is larger than allowed.</exception>
    public int Append(ReadOnlySpan<byte> piece)
    {
        var taken = 0;
        if (_filled < 4)
        {
            taken = Math.Min(4 - _filled, piece.Length);
            Take(piece[..taken]);
            if (_filled < 4)
            {
                return taken;
            }
        }

        var missing = 4 + MessageFraming.ReadLength(_buffer) - _filled;
        var rest = Math.Min(missing, piece.Length - taken);
        Take(piece.Slice(taken, rest));
        return taken + rest;
    }

    private void Take(ReadOnlySpan<byte> piece)
    {
        if (_filled + piece.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _filled + piece.Length));
        }

        piece.CopyTo(_buffer.AsSpan(_filled));
        _filled += piece.Length;
    }
}
