using System.Text.Json;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Mailboxes;

/// <summary>The words of <see cref="Mailboxes"/> in JSON, as functions and HTTP say them.</summary>
public static class MailboxWords
{
    private static readonly TimeSpan s_usualTime = TimeSpan.FromSeconds(30);

    /// <summary>Does what a word says: <c>send</c>, <c>receive</c>, <c>ack</c>, <c>request</c>, <c>reply</c>, <c>list</c>, <c>dead</c>, <c>replay</c>.</summary>
    /// <param name="mailboxes">The mailboxes.</param>
    /// <param name="who">Whose they are, and who sends.</param>
    /// <param name="word">Which.</param>
    /// <param name="parameters">A JSON object.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>UTF-8 of a JSON object.</returns>
    /// <exception cref="FunctionFaultException">It is no word, or the parameters do not fit.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> DoAsync(Mailboxes mailboxes, (string Tenant, string From) who, string word, JsonElement parameters, CancellationToken cancellationToken)
    {
        var given = new CallParameters(parameters);
        return word switch
        {
            "send" => SendAsync(mailboxes, who, given, cancellationToken),
            "receive" => ReceiveAsync(mailboxes, who.Tenant, given, cancellationToken),
            "ack" => AcknowledgeAsync(mailboxes, who.Tenant, given, cancellationToken),
            "request" => RequestAsync(mailboxes, who, given, cancellationToken),
            "reply" => ReplyAsync(mailboxes, who, given, cancellationToken),
            "list" => ListAsync(mailboxes, who.Tenant, cancellationToken),
            "dead" => DeadAsync(mailboxes, who.Tenant, given, cancellationToken),
            "replay" => ReplayAsync(mailboxes, who.Tenant, given, cancellationToken),
            _ => throw new FunctionFaultException(FaultCode.InvalidArguments, $"mailboxes have no word {word}", "use send, receive, ack, request, reply, list, dead or replay"),
        };
    }

    private static OutgoingMessage Message(string from, CallParameters given) => new(from, given.Json("body"), given.OptionalText("key"), given.Seconds("ttl"));

    private static async ValueTask<ReadOnlyMemory<byte>> SendAsync(Mailboxes mailboxes, (string Tenant, string From) who, CallParameters given, CancellationToken cancellationToken)
    {
        var sequence = await mailboxes.SendAsync(who.Tenant, given.Text("to"), Message(who.From, given), cancellationToken);
        return Write(json =>
        {
            json.WriteString("id"u8, $"{sequence}");
            json.WriteBoolean("duplicate"u8, sequence == 0);
        });
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(Mailboxes mailboxes, string tenant, CallParameters given, CancellationToken cancellationToken)
    {
        var most = (int)Math.Min(given.Whole("max") ?? 1, int.MaxValue);
        return Messages(await mailboxes.ReceiveAsync(tenant, given.Text("name"), most, given.Seconds("wait") ?? TimeSpan.Zero, given.Seconds("lease") ?? s_usualTime, cancellationToken));
    }

    private static async ValueTask<ReadOnlyMemory<byte>> AcknowledgeAsync(Mailboxes mailboxes, string tenant, CallParameters given, CancellationToken cancellationToken)
    {
        var ids = given.Texts("ids");
        var acked = await mailboxes.AcknowledgeAsync(tenant, given.Text("name"), ids, cancellationToken);
        return Write(json =>
        {
            Texts(json, "acked", acked);
            Texts(json, "lost", ids.Except(acked, StringComparer.Ordinal));
        });
    }

    private static async ValueTask<ReadOnlyMemory<byte>> RequestAsync(Mailboxes mailboxes, (string Tenant, string From) who, CallParameters given, CancellationToken cancellationToken)
    {
        var body = await mailboxes.RequestAsync(who.Tenant, given.Text("to"), Message(who.From, given), given.Seconds("timeout") ?? s_usualTime, cancellationToken);
        return Write(json => Raw(json, "body", body));
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReplyAsync(Mailboxes mailboxes, (string Tenant, string From) who, CallParameters given, CancellationToken cancellationToken)
    {
        await mailboxes.ReplyAsync(who.Tenant, given.OptionalText("replyTo") ?? "", new OutgoingMessage(who.From, given.Json("body")), cancellationToken);
        return Write(static _ => { });
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ListAsync(Mailboxes mailboxes, string tenant, CancellationToken cancellationToken)
    {
        var all = await mailboxes.ListAsync(tenant, cancellationToken);
        return Write(json =>
        {
            json.WriteStartArray("mailboxes"u8);
            foreach (var (name, messages) in all)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, name);
                json.WriteNumber("messages"u8, messages);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async ValueTask<ReadOnlyMemory<byte>> DeadAsync(Mailboxes mailboxes, string tenant, CallParameters given, CancellationToken cancellationToken) =>
        Messages(await mailboxes.DeadAsync(tenant, given.Text("name"), cancellationToken));

    private static async ValueTask<ReadOnlyMemory<byte>> ReplayAsync(Mailboxes mailboxes, string tenant, CallParameters given, CancellationToken cancellationToken)
    {
        var replayed = await mailboxes.ReplayAsync(tenant, given.Text("name"), cancellationToken);
        return Write(json => json.WriteNumber("replayed"u8, replayed));
    }

    private static ReadOnlyMemory<byte> Messages(IReadOnlyList<MailboxMessage> messages) => Write(json =>
    {
        json.WriteStartArray("messages"u8);
        foreach (var message in messages)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, message.Id);
            json.WriteString("from"u8, message.From);
            Raw(json, "body", message.Body);
            json.WriteString("sent"u8, message.Sent);
            json.WriteNumber("deliveries"u8, message.Deliveries);
            if (message.ReplyTo is { } replyTo)
            {
                json.WriteString("replyTo"u8, replyTo);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void Raw(Utf8JsonWriter json, string name, ReadOnlyMemory<byte> value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.Span, skipInputValidation: true);
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members) => JsonObjects.Write(members);
}
