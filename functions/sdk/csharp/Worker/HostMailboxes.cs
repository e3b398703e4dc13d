using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Sdk.Worker;

/// <summary>Mailboxes, by way of the host.</summary>
internal sealed class HostMailboxes(CallContext context) : Mailboxes
{
    private const int UsualSeconds = 30;

    /// <inheritdoc/>
    public override async Task<string> SendAsync(string to, object? body, string? key = null, TimeSpan? ttl = null) =>
        (await context.AskAsync("mailbox.send", new JsonObject { ["to"] = to, ["body"] = Node(body), ["key"] = key, ["ttl"] = ttl?.TotalSeconds })).GetProperty("id"u8).GetString()!;

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<Message>> ReceiveAsync(string name, int max = 1, TimeSpan wait = default, TimeSpan? lease = null)
    {
        var parameters = new JsonObject { ["name"] = name, ["max"] = max, ["wait"] = wait.TotalSeconds, ["lease"] = lease?.TotalSeconds ?? UsualSeconds };
        return [.. (await context.AskAsync("mailbox.receive", parameters)).GetProperty("messages"u8).EnumerateArray().Select(m => new HostMessage(context, name, m))];
    }

    /// <inheritdoc/>
    public override async Task<T> RequestAsync<T>(string to, object? body, TimeSpan? timeout = null)
    {
        var parameters = new JsonObject { ["to"] = to, ["body"] = Node(body), ["timeout"] = timeout?.TotalSeconds ?? UsualSeconds };
        return (await context.AskAsync("mailbox.request", parameters)).GetProperty("body"u8).Deserialize<T>(JsonContract.Options)!;
    }

    private static JsonNode? Node(object? body) => JsonSerializer.SerializeToNode(body, JsonContract.Options);

    private sealed class HostMessage(CallContext context, string mailbox, JsonElement message) : Message
    {
        public override string Id => message.GetProperty("id"u8).GetString()!;

        public override JsonElement Body => message.GetProperty("body"u8);

        public override string From => message.GetProperty("from"u8).GetString()!;

        public override int Deliveries => message.GetProperty("deliveries"u8).GetInt32();

        public override async Task<bool> AckAsync() =>
            (await context.AskAsync("mailbox.ack", new JsonObject { ["name"] = mailbox, ["ids"] = new JsonArray(Id) })).GetProperty("acked"u8).GetArrayLength() > 0;

        public override Task ReplyAsync(object? body) => context.AskAsync(
            "mailbox.reply", new JsonObject { ["replyTo"] = message.TryGetProperty("replyTo"u8, out var to) ? to.GetString() : null, ["body"] = Node(body) });
    }
}
