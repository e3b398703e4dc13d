using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ToolRuntime.Runtime.Calls;

/// <summary>
/// Gathers pieces of text into one event: the first goes at once, what follows within the interval goes together, and sooner when it is long. An event
/// costs by its number, hardly by its length, and no reader tells 600 tokens from 30 pieces.
/// </summary>
/// <param name="interval">Longest time that text waits; zero sends every piece by itself.</param>
/// <param name="longest">Characters that go at once.</param>
/// <param name="send">Sends an event; called in order, never twice at once.</param>
/// <param name="time">The clock.</param>
internal sealed class OutputGathering(TimeSpan interval, int longest, Func<ReadOnlyMemory<byte>, ValueTask> send, TimeProvider time) : IDisposable
{
    private static readonly JsonSerializerOptions s_options = new(EventJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly EventJson s_json = new(s_options);
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private ITimer? _timer;
    private long _sent = time.GetTimestamp() - time.TimestampFrequency;

    /// <summary>Takes the data of an output event. What is no plain text goes by itself, after what waits.</summary>
    public ValueTask AddAsync(ReadOnlyMemory<byte> data)
    {
        var text = interval > TimeSpan.Zero ? TextOf(data.Span) : null;
        lock (_gate)
        {
            if (text is null)
            {
                var waiting = Flush();
                return waiting.IsCompletedSuccessfully ? send(data) : BothAsync(waiting, send(data));
            }

            _text.Append(text);
            var left = interval - time.GetElapsedTime(_sent);
            if (left <= TimeSpan.Zero || _text.Length >= longest)
            {
                return Flush();
            }

            if (_timer is null)
            {
                _timer = time.CreateTimer(static s => _ = ((OutputGathering)s!).FlushAsync().AsTask(), this, left, Timeout.InfiniteTimeSpan);
            }
            else
            {
                _timer.Change(left, Timeout.InfiniteTimeSpan);
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Sends what waits; call before any other event of the call, so that all keep their order.</summary>
    public ValueTask FlushAsync()
    {
        lock (_gate)
        {
            return Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
        }
    }

    /// <summary>The text of <c>{"text":string}</c>, or null for anything else.</summary>
    internal static string? TextOf(ReadOnlySpan<byte> data)
    {
        try
        {
            return Read(data);
        }
        catch (InvalidOperationException)
        {
            // Half a character by escape: only together with its other half is it text.
            return null;
        }
    }

    private static string? Read(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject
            && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("text"u8)
            && reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { } text
            && reader.Read() && reader.TokenType == JsonTokenType.EndObject
            ? text
            : null;
    }

    private static async ValueTask BothAsync(ValueTask first, ValueTask second)
    {
        await first;
        await second;
    }

    private ValueTask Flush()
    {
        if (_text.Length == 0)
        {
            return ValueTask.CompletedTask;
        }

        var data = JsonSerializer.SerializeToUtf8Bytes(new TextData(_text.ToString()), s_json.TextData);
        _text.Clear();
        _sent = time.GetTimestamp();
        return send(data);
    }
}
