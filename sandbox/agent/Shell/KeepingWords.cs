using System.Globalization;
using System.Text.Json;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>What <c>ctx step.*</c>, <c>ctx state</c> and <c>ctx mailbox</c> ask the host, and what they print of its answer.</summary>
/// <param name="method">The host's method.</param>
/// <param name="write">Writes its parameters.</param>
/// <param name="read">What is printed; null where the answer is a failure, which <paramref name="failure"/> says.</param>
/// <param name="failure">What is said then.</param>
internal sealed class KeepingWords(string method, Action<Utf8JsonWriter> write, Func<JsonElement, string?> read, Func<JsonElement, string>? failure = null)
{
    /// <summary>The host's method.</summary>
    internal string Method => method;

    /// <summary>Writes the parameters.</summary>
    internal Action<Utf8JsonWriter> Write => write;

    /// <summary>Whether it succeeded, and what is printed.</summary>
    internal (bool Succeeded, string Text) Read(JsonElement answer) => read(answer) is { } text ? (true, text) : (false, failure?.Invoke(answer) ?? "");

    /// <summary>Reads a request; null where it is none of these words.</summary>
    /// <exception cref="FormatException">It does not fit.</exception>
    internal static KeepingWords? Of(string[] fields) => fields[0] switch
    {
        "step.begin" => new("step.begin", Named(fields), answer => answer.TryGetProperty("value", out var kept) ? $"={Text(kept)}" : "run"),
        "step.finish" => new("step.finish", Named(fields) + (json => json.WriteString("value"u8, fields[2])), answer => Text(answer.GetProperty("value")) is var kept && kept == fields[2] ? "" : $"={kept}"),
        "step.leave" => new("step.leave", Named(fields), _ => ""),
        "state" => State([.. fields.Skip(1)]),
        "mailbox" => Mailbox([.. fields.Skip(1)]),
        _ => null,
    };

    private static KeepingWords State(string[] words)
    {
        var scope = words is ["--tenant", ..] ? "tenant" : "session";
        var (places, options) = Split(scope == "tenant" ? words[1..] : words);
        Action<Utf8JsonWriter> scoped = json => json.WriteString("scope"u8, scope);
        Action<Utf8JsonWriter> keyed = scoped + (json => json.WriteString("key"u8, places[1])) + Numbers(options, ("--ttl", "ttl"), ("--if-revision", "ifRevision"));
        return places switch
        {
            ["get", _] => new("state.get", keyed, answer => answer.TryGetProperty("value", out var value) ? Text(value) : null, _ => $"there is no key {places[1]}"),
            ["revision", _] => new("state.get", keyed, Revision),
            ["put", _, var value] => new("state.put", keyed + Json("value", value), answer => answer.TryGetProperty("conflict", out _) ? null : Revision(answer), Conflict),
            ["rm", _] => new("state.delete", keyed, answer => answer.TryGetProperty("deleted", out var deleted) ? deleted.GetRawText() : null, Conflict),
            ["list"] or ["list", _] => new("state.list", scoped + (json => json.WriteString("prefix"u8, places.ElementAtOrDefault(1) ?? "")), answer => Lines(answer.GetProperty("keys"), "key")),
            _ => throw new FormatException("use state [--tenant] get|revision|rm KEY, put KEY JSON [--ttl SECONDS] [--if-revision N] or list [PREFIX]"),
        };
    }

    private static KeepingWords Mailbox(string[] words)
    {
        var (places, options) = Split(words);
        var key = options.GetValueOrDefault("--key");
        Action<Utf8JsonWriter> to = json =>
        {
            json.WriteString("to"u8, places[1]);
            json.WriteString("key"u8, key);
        };
        Action<Utf8JsonWriter> name = json => json.WriteString("name"u8, places[1]);
        return places switch
        {
            ["send", _, var body] => new("mailbox.send", to + Json("body", body) + Numbers(options, ("--ttl", "ttl")), answer => answer.GetProperty("id").GetString()),
            ["receive", _] => new("mailbox.receive", name + Numbers(options, ("--max", "max"), ("--wait", "wait"), ("--lease", "lease")), answer => answer.GetProperty("messages").GetRawText()),
            ["ack", _, _, ..] => new("mailbox.ack", name + (json => Texts(json, "ids", places[2..])), answer => answer.GetProperty("lost").GetArrayLength() == 0 ? "" : null, answer => $"no longer this receiver's: {answer.GetProperty("lost").GetRawText()}"),
            ["request", _, var body] => new("mailbox.request", to + Json("body", body) + Numbers(options, ("--timeout", "timeout")), answer => Text(answer.GetProperty("body"))),
            ["reply", _, var body] => new("mailbox.reply", Json("body", body) + (json => json.WriteString("replyTo"u8, places[1])), _ => ""),
            _ => throw new FormatException("use mailbox send NAME JSON, receive NAME, ack NAME ID..., request NAME JSON or reply REPLY_TO JSON"),
        };
    }

    private static (string[] Places, Dictionary<string, string> Options) Split(string[] words)
    {
        var (places, options) = (new List<string>(), new Dictionary<string, string>(StringComparer.Ordinal));
        for (var at = 0; at < words.Length; at++)
        {
            if (words[at].StartsWith("--", StringComparison.Ordinal) && at + 1 < words.Length)
            {
                options[words[at]] = words[++at];
            }
            else
            {
                places.Add(words[at]);
            }
        }

        return ([.. places], options);
    }

    private static Action<Utf8JsonWriter> Named(string[] fields) => json => json.WriteString("name"u8, fields[1]);

    private static Action<Utf8JsonWriter> Json(string name, string value)
    {
        JsonDocument.Parse(value).Dispose();
        return json =>
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value);
        };
    }

    private static Action<Utf8JsonWriter> Numbers(Dictionary<string, string> options, params (string Option, string Name)[] known) => json =>
    {
        foreach (var (option, name) in known)
        {
            if (options.TryGetValue(option, out var value))
            {
                json.WriteNumber(name, decimal.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture));
            }
        }
    };

    private static void Texts(Utf8JsonWriter json, string name, string[] texts)
    {
        json.WriteStartArray(name);
        Array.ForEach(texts, json.WriteStringValue);
        json.WriteEndArray();
    }

    private static string Revision(JsonElement answer) => answer.GetProperty("revision").GetRawText();

    private static string Conflict(JsonElement answer) => $"conflict: the key is at revision {Revision(answer)}";

    private static string Lines(JsonElement list, string member) => string.Join('\n', list.EnumerateArray().Select(item => item.GetProperty(member).GetString()));

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
