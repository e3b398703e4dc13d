using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>
/// Reads the items of a streaming answer: server-sent events, JSON lines, JSON sequences. Each becomes one JSON value: JSON data as it is, other
/// data as a string; an event with a name of its own as <c>{"event", "data"}</c>.
/// </summary>
internal sealed class StreamItems(string essence, string host, int longestItem)
{
    private readonly bool _isEvents = essence == "text/event-stream";
    private readonly byte _end = MediaTypes.IsJsonSequence(essence) ? (byte)0x1e : (byte)'\n';
    private readonly EventLines _lines = new();
    private readonly List<string> _data = [];
    private long _length;
    private string _event = "";
    private bool _isBegun;

    /// <summary>The items, each UTF-8 JSON on one line.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream body, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (TryTake(ref buffer, read.IsCompleted, out var piece))
            {
                var item = Item(piece);
                if (!item.IsEmpty)
                {
                    yield return item;
                }
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                break;
            }

            if (buffer.Length > longestItem)
            {
                throw TransportFaults.Bad(host, $"an item of its stream is longer than {longestItem} bytes");
            }
        }
    }

    private bool TryTake(ref ReadOnlySequence<byte> buffer, bool isLast, out byte[] piece)
    {
        if (_isEvents)
        {
            return _lines.TryTake(ref buffer, out piece);
        }

        if (buffer.PositionOf(_end) is { } end)
        {
            piece = buffer.Slice(0, end).ToArray();
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        piece = isLast ? buffer.ToArray() : [];
        buffer = isLast ? buffer.Slice(buffer.End) : buffer;
        return piece.Length > 0;
    }

    /// <summary>The item that a piece ends; empty where it ends none.</summary>
    private ReadOnlyMemory<byte> Item(byte[] piece)
    {
        if (_isEvents)
        {
            var mark = !_isBegun && piece.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
            _isBegun = true;
            return EventLine(Encoding.UTF8.GetString(piece.AsSpan(mark)));
        }

        var text = piece.AsSpan().Trim(" \t\r\n"u8);
        return text.IsEmpty ? default : Json(Encoding.UTF8.GetString(text));
    }

    /// <summary>HTML standard, 9.2.6: fields gather until an empty line; an event without one at the stream's end is discarded.</summary>
    private ReadOnlyMemory<byte> EventLine(string line)
    {
        if (line.Length == 0)
        {
            return Event();
        }

        var colon = line.IndexOf(':');
        var (field, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..]);
        value = value.StartsWith(' ') ? value[1..] : value;
        if (field == "data")
        {
            _data.Add(value);
            _length += value.Length + 1;
            if (_length > longestItem)
            {
                throw TransportFaults.Bad(host, $"an event of its stream is longer than {longestItem} bytes");
            }
        }
        else if (field == "event")
        {
            _event = value;
        }

        return default;
    }

    private ReadOnlyMemory<byte> Event()
    {
        var (name, data) = (_event, string.Join('\n', _data));
        var isNone = _data.Count == 0;
        _event = "";
        _data.Clear();
        _length = 0;

        // OpenAI's end mark is no data.
        if (isNone || data == "[DONE]")
        {
            return default;
        }

        var item = Json(data);
        return name is "" or "message"
            ? item
            : (byte[])[.. "{\"event\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(name), .. ",\"data\":"u8, .. item.Span, .. "}"u8];
    }

    private static ReadOnlyMemory<byte> Json(string text)
    {
        try
        {
            return Encoding.UTF8.GetBytes(CompactJson.Text(JsonElement.Parse(text)));
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToUtf8Bytes(text);
        }
    }
}
