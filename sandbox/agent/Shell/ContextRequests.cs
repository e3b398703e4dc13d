using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>What a script asks by <c>ctx</c>: fields ended by 0x1f, requests ended by 0.</summary>
internal sealed class ContextRequests(uint number, WorkerOutput output, ShellProcess shell)
{
    /// <summary>A frame's largest payload, less what stands around a checkpoint in it.</summary>
    private const int LongestRequest = (64 * 1024 * 1024) - 64;
    private const int UsualRequest = 1024 * 1024;
    private ArrayBufferWriter<byte> _request = new();
    private bool _isTooLong;

    /// <summary>What is printed of the answers that are not printed like a tool's, by question.</summary>
    private readonly ConcurrentDictionary<long, Func<JsonElement, (bool Succeeded, string Text)>> _readers = new();
    private long _checkpointAsked;
    private long _next = 1;

    private long NextId => ((long)number << 20) + _next;

    internal void Append(ReadOnlySpan<byte> data)
    {
        while (data.IndexOf((byte)0) is var end and >= 0)
        {
            Add(data[..end]);
            data = data[(end + 1)..];
            Take(_request.WrittenSpan);
            _request.ResetWrittenCount();
            _request = _request.Capacity > UsualRequest ? new() : _request;
            _isTooLong = false;
        }

        Add(data);
    }

    /// <summary>The host's answer to a request for it.</summary>
    internal void Reply(JsonElement reply)
    {
        var failed = reply.TryGetProperty("fault", out var answer);
        if (!failed && !reply.TryGetProperty("result", out answer))
        {
            return;
        }

        var asked = reply.TryGetProperty("id", out var id) && id.TryGetInt64(out var number) ? number : 0;
        _readers.TryRemove(asked, out var read);
        if (failed)
        {
            Reply(succeeded: false, answer.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "");
        }
        else if (asked == _checkpointAsked)
        {
            Reply(succeeded: true, JsonMarshal.GetRawUtf8Value(answer.GetProperty("state")));
        }
        else
        {
            var (succeeded, text) = read?.Invoke(answer) ?? (true, Content(answer));
            Reply(succeeded, text);
        }
    }

    private void Add(ReadOnlySpan<byte> data)
    {
        _isTooLong |= _request.WrittenCount + data.Length > LongestRequest;
        if (!_isTooLong)
        {
            _request.Write(data);
        }
    }

    /// <summary>A checkpoint may be large, and is passed on as it came.</summary>
    private void Take(ReadOnlySpan<byte> request)
    {
        var checkpoint = "checkpoint\u001f"u8;
        if (!request.StartsWith(checkpoint))
        {
            Take(Encoding.UTF8.GetString(request).Split('\u001f'));
        }
        else if (_isTooLong)
        {
            Complain($"ctx checkpoint: it is longer than {LongestRequest} bytes");
        }
        else
        {
            Checkpoint(request[checkpoint.Length..]);
        }
    }

    private void Checkpoint(ReadOnlySpan<byte> state)
    {
        var copy = state.ToArray();
        try
        {
            var reader = new Utf8JsonReader(copy);
            reader.Read();
            reader.Skip();
            reader.Read();
            output.Send(WorkerFrameType.Checkpoint, number, json =>
            {
                json.WritePropertyName("state"u8);
                json.WriteRawValue(copy, skipInputValidation: true);
            });
        }
        catch (JsonException error)
        {
            Complain($"ctx checkpoint: {error.Message}");
        }
    }

    private void Take(string[] fields)
    {
        try
        {
            TakeKnown(fields);
        }
        catch (Exception error) when (error is JsonException or FormatException or IndexOutOfRangeException)
        {
            Complain($"ctx {string.Join(' ', fields)}: {error.Message}");
            if (ContextCommand.IsQuestion(fields[0]))
            {
                Reply(succeeded: false, error.Message);
            }
        }
    }

    private void TakeKnown(string[] fields)
    {
        switch (fields[0])
        {
            case "progress":
                Progress(fields);
                break;
            case "log":
                Log(fields[1], fields[2]);
                break;
            case "emit":
                output.Send(WorkerFrameType.Output, number, json => json.WriteString("text"u8, fields[1]));
                break;
            case "checkpoint.get":
                _checkpointAsked = NextId;
                Ask("checkpoint.get", _ => { });
                break;
            case "call":
                Call(fields);
                break;
            case "tools":
                Ask("tools.list", _ => { });
                break;
            case "elicit":
                Elicit(fields);
                break;
            case "ask":
                using (var requests = JsonDocument.Parse(fields[1]))
                {
                    Ask("ask", json => WriteProperty(json, "requests", requests.RootElement), Whole);
                }

                break;
            default:
                Keep(fields);
                break;
        }
    }

    private void Keep(string[] fields)
    {
        if (KeepingWords.Of(fields) is { } words)
        {
            Ask(words.Method, words.Write, words.Read);
        }
        else
        {
            Complain($"ctx {fields[0]}: not known. Use progress, log, emit, checkpoint, step, state, mailbox, call, tools, elicit or ask.");
        }
    }

    private void Progress(string[] fields) => output.Send(WorkerFrameType.Progress, number, json =>
    {
        json.WriteNumber("progress"u8, Number(fields[1]));
        if (fields.Length > 2 && fields[2].Length > 0)
        {
            json.WriteNumber("total"u8, Number(fields[2]));
        }

        if (fields.Length > 3)
        {
            json.WriteString("message"u8, fields[3]);
        }
    });

    private void Call(string[] fields)
    {
        using var arguments = JsonDocument.Parse(fields.Length > 2 ? fields[2] : "{}");
        Ask("tools.call", json =>
        {
            json.WriteString("name"u8, fields[1]);
            WriteProperty(json, "arguments", arguments.RootElement);
        });
    }

    private void Elicit(string[] fields)
    {
        using var schema = JsonDocument.Parse(fields[2]);
        Ask(
            "elicit",
            json =>
            {
                json.WriteString("message"u8, fields[1]);
                WriteProperty(json, "requestedSchema", schema.RootElement);
            },
            Whole);
    }

    private void Ask(string method, Action<Utf8JsonWriter> parameters, Func<JsonElement, (bool Succeeded, string Text)>? read = null)
    {
        var id = NextId;
        _next++;
        if (read is not null)
        {
            _readers[id] = read;
        }

        output.Send(WorkerFrameType.HostCall, number, json =>
        {
            json.WriteNumber("id"u8, id);
            json.WriteString("method"u8, method);
            json.WriteStartObject("params"u8);
            parameters(json);
            json.WriteEndObject();
        });
    }

    private void Reply(bool succeeded, string text) => Reply(succeeded, Encoding.UTF8.GetBytes(text));

    private void Reply(bool succeeded, ReadOnlySpan<byte> body) =>
        shell.Replies!.Write([.. Encoding.UTF8.GetBytes($"{(succeeded ? '+' : '-')}{body.Length}\0"), .. body], stream: null);

    private void Complain(string text) => Log("warning", text);

    private void Log(string level, string text) => output.Send(WorkerFrameType.Log, number, json =>
    {
        json.WriteString("stream"u8, "log");
        json.WriteString("level"u8, level);
        json.WriteString("text"u8, text);
    });

    /// <summary>A tool's value where it has one, its text where that is all; a list of tools as it is.</summary>
    private static string Content(JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object)
        {
            return result.GetRawText();
        }

        if (result.TryGetProperty("value", out var value) || result.TryGetProperty("structuredContent", out value) || result.TryGetProperty("tools", out value))
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }

        return result.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            ? string.Join('\n', content.EnumerateArray().Where(block => block.TryGetProperty("text", out _)).Select(block => block.GetProperty("text").GetString()))
            : result.GetRawText();
    }

    private static (bool Succeeded, string Text) Whole(JsonElement answer) => (true, answer.GetRawText());

    private static void WriteProperty(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
