using System.Buffers;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>
/// The lines of server-sent events (HTML standard, 9.2.5): each ends with CR, LF or both. A CR ends it at once, whatever comes next: an event must
/// not wait for the one after it. What no line end follows is no line.
/// </summary>
internal sealed class EventLines
{
    private bool _isAfterReturn;

    /// <summary>Takes the next line off <paramref name="buffer"/>; false where no whole one is there.</summary>
    public bool TryTake(ref ReadOnlySequence<byte> buffer, out byte[] line)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (_isAfterReturn && reader.IsNext((byte)'\n', advancePast: true))
        {
            _isAfterReturn = false;
        }

        var isEnded = reader.TryReadToAny(out ReadOnlySequence<byte> taken, "\r\n"u8, advancePastDelimiter: false);
        line = isEnded ? taken.ToArray() : [];
        if (isEnded)
        {
            reader.TryRead(out var end);
            _isAfterReturn = end == (byte)'\r';
        }

        buffer = buffer.Slice(reader.Position);
        return isEnded;
    }
}
