using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>What a script asks by <c>ctx</c>: fields ended by 0x1f, requests ended by 0.</summary>
internal sealed class ContextRequests(uint number, WorkerOutput output, ShellProcess shell)
{
    private const int LongestRequest = 1024 * 1024;
    private readonly ArrayBufferWriter<byte> _request = new();

    /// <summary>Questions whose answer is given as it is, by number.</summary>
    private readonly ConcurrentDictionary<long, bool> _whole = new();
    private long _next;

    internal void Append(ReadOnlySpan<byte> data)
    {
        while (data.IndexOf((byte)0) is var end and >= 0)
        {
            _request.Write(data[..end]);
            data = data[(end + 1)..];
            Take(Encoding.UTF8.GetString(_request.WrittenSpan).Split('\u001f'));
            _request.ResetWrittenCount();
        }

        if (_request.WrittenCount + data.Length <= LongestRequest)
        {
            _request.Write(data);
        }
    }

    /// <summary>The host's answer to a request for it.</summary>
    internal void Reply(JsonElement reply)
    {
        var failed = reply.TryGetProperty("fault", out var answer);
        if (!failed && !reply.TryGetProperty("result", out answer))
        {
            return;
        }

        var whole = reply.TryGetProperty("id", out var id) && id.TryGetInt64(out var asked) && _whole.TryRemove(asked, out _);
        var text = failed && answer.TryGetProperty("message", out var message) ? message.GetString() ?? "" : whole ? answer.GetRawText() : Content(answer);
        Reply(!failed, text);
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
            case "checkpoint":
                using (var state = JsonDocument.Parse(fields[1]))
                {
                    output.Send(WorkerFrameType.Checkpoint, number, json => WriteProperty(json, "state", state.RootElement));
                }

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
                    Ask("ask", json => WriteProperty(json, "requests", requests.RootElement), whole: true);
                }

                break;
            default:
                Complain($"ctx {fields[0]}: not known. Use progress, log, emit, checkpoint, call, tools, elicit or ask.");
                break;
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
            whole: true);
    }

    private void Ask(string method, Action<Utf8JsonWriter> parameters, bool whole = false) => output.Send(WorkerFrameType.HostCall, number, json =>
    {
        var id = ((long)number << 20) + ++_next;
        if (whole)
        {
            _whole[id] = true;
        }

        json.WriteNumber("id"u8, id);
        json.WriteString("method"u8, method);
        json.WriteStartObject("params"u8);
        parameters(json);
        json.WriteEndObject();
    });

    private void Reply(bool succeeded, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        shell.Replies!.Write([.. Encoding.UTF8.GetBytes($"{(succeeded ? '+' : '-')}{body.Length}\0"), .. body], stream: null);
    }

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

    private static void WriteProperty(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
