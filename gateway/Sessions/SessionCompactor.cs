using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Sessions;

/// <summary>
/// What stood when a reader joined, made short: of an ended call its start and its last event, which holds the whole result; of a running one its start,
/// its questions, and one output event that stands for all pieces until then; the last messages and notes. In the order of the stream, so that a reader may leave in between.
/// </summary>
internal sealed class SessionCompactor
{
    private const int LongestText = 4 << 20;
    private const int MostOthers = 1000;
    private readonly Dictionary<string, CompactCall> _calls = new(StringComparer.Ordinal);
    private readonly Queue<TopicEvent> _others = new();
    private int _left;

    /// <summary>Takes a stored event.</summary>
    public void Add(TopicEvent item)
    {
        if (!Ids.IsValid(item.Invocation))
        {
            _others.Enqueue(item);
            if (_others.Count > MostOthers)
            {
                _others.Dequeue();
                _left++;
            }

            return;
        }

        if (!_calls.TryGetValue(item.Invocation, out var call))
        {
            _calls[item.Invocation] = call = new CompactCall();
        }

        call.Add(item);
    }

    /// <summary>The short form of all that was taken.</summary>
    public IEnumerable<TopicEvent> Take()
    {
        TopicEvent[] left = _left > 0 ? [new TopicEvent("", _others.Peek().Sequence - 1, new InvocationEvent(EventKind.Gone, Encoding.UTF8.GetBytes($$"""{"events":{{_left}}}""")))] : [];
        return _calls.SelectMany(static call => call.Value.Short(call.Key)).Concat(left).Concat(_others).OrderBy(static item => item.Sequence);
    }

    private sealed class CompactCall
    {
        private readonly List<TopicEvent> _questions = [];
        private readonly StringBuilder _text = new();
        private readonly List<ReadOnlyMemory<byte>> _values = [];
        private TopicEvent? _started;
        private TopicEvent? _terminal;
        private ReadOnlyMemory<byte> _progress;
        private (ulong First, ulong Last, int Count) _stands;
        private long _left;

        public void Add(TopicEvent item)
        {
            switch (item.Event.Kind)
            {
                case EventKind.Started:
                    _started = item;
                    _questions.Clear();
                    break;
                case EventKind.InputRequired:
                    _questions.Add(item);
                    break;
                case EventKind.Completed or EventKind.Failed or EventKind.Gone:
                    _terminal = item;
                    break;
                default:
                    StandFor(item);
                    break;
            }
        }

        public IEnumerable<TopicEvent> Short(string invocation)
        {
            if (_started is { } started)
            {
                yield return started;
            }

            if (_terminal is { } terminal)
            {
                yield return terminal;
                yield break;
            }

            foreach (var question in _questions)
            {
                yield return question;
            }

            if (_stands.Count > 0)
            {
                yield return new TopicEvent(invocation, _stands.Last, new InvocationEvent(EventKind.Output, Write()));
            }
        }

        private void StandFor(TopicEvent item)
        {
            _stands = (_stands.Count == 0 ? item.Sequence : _stands.First, item.Sequence, _stands.Count + 1);
            if (item.Event.Kind == EventKind.Progress)
            {
                _progress = item.Event.Data.ToArray();
            }
            else if (item.Event.Kind == EventKind.Output)
            {
                Piece(item.Event.Data);
            }
        }

        /// <summary>The latest four MiB; what is left out is counted.</summary>
        private void Piece(ReadOnlyMemory<byte> data)
        {
            if (RawJson.Text(RawJson.Member(data, "text"u8)) is { } text)
            {
                _text.Append(text);
                if (_text.Length > LongestText)
                {
                    _left += _text.Length - LongestText;
                    _text.Remove(0, _text.Length - LongestText);
                }
            }
            else if (RawJson.Member(data, "value"u8) is { IsEmpty: false } value)
            {
                _values.Add(value.ToArray());
            }
        }

        private byte[] Write()
        {
            using var buffer = new ReplyBuffer();
            using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
            {
                writer.WriteStartObject();
                if (_text.Length > 0)
                {
                    writer.WriteString("text"u8, _text.ToString());
                }

                if (_values.Count > 0)
                {
                    writer.WriteStartArray("values"u8);
                    _values.ForEach(value => writer.WriteRawValue(value.Span, skipInputValidation: true));
                    writer.WriteEndArray();
                }

                if (!_progress.IsEmpty)
                {
                    writer.WritePropertyName("progress"u8);
                    writer.WriteRawValue(_progress.Span, skipInputValidation: true);
                }

                WriteCompact(writer);
                writer.WriteEndObject();
            }

            return buffer.Written.ToArray();
        }

        private void WriteCompact(Utf8JsonWriter writer)
        {
            writer.WriteStartObject("compact"u8);
            writer.WriteNumber("from"u8, _stands.First);
            writer.WriteNumber("through"u8, _stands.Last);
            writer.WriteNumber("events"u8, _stands.Count);
            if (_left > 0)
            {
                writer.WriteNumber("charactersLeftOut"u8, _left);
            }

            writer.WriteEndObject();
        }
    }
}
