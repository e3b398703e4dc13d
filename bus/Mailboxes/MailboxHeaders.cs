using System.Globalization;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Mailboxes;

/// <summary>What a stored message says beside its body.</summary>
internal static class MailboxHeaders
{
    private const string From = "Toolrt-From";
    private const string Key = "Toolrt-Key";
    private const string ReplyTo = "Toolrt-Reply";
    private const string Expires = "Toolrt-Expires";

    /// <summary>The headers of a message.</summary>
    public static NatsHeaders Of(OutgoingMessage message, string? replyTo, DateTimeOffset now)
    {
        var headers = default(NatsHeaders).With(From, Uri.EscapeDataString(message.From));
        headers = message.Key is { } key ? headers.With(Key, Uri.EscapeDataString(key)) : headers;
        headers = replyTo is not null ? headers.With(ReplyTo, replyTo) : headers;
        return message.Age is { } age ? headers.With(Expires, (now + age).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)) : headers;
    }

    /// <summary>Only what makes the message, for another subject.</summary>
    public static NatsHeaders Copy(NatsHeaders headers)
    {
        var copy = default(NatsHeaders).With(From, headers["Toolrt-From"u8] ?? "");
        return headers["Toolrt-Reply"u8] is { } reply ? copy.With(ReplyTo, reply) : copy;
    }

    /// <summary>Its key, or null.</summary>
    public static string? KeyOf(NatsHeaders headers) => headers["Toolrt-Key"u8];

    /// <summary>Its sequence.</summary>
    public static ulong SequenceOf(NatsMsg message) => message.Headers.TryGetNumber("Nats-Sequence"u8, out var sequence) ? sequence : 0;

    /// <summary>Whether its time is over.</summary>
    public static bool IsOver(NatsHeaders headers, DateTimeOffset now) =>
        headers.TryGetNumber("Toolrt-Expires"u8, out var expires) && DateTimeOffset.FromUnixTimeMilliseconds((long)expires) <= now;

    /// <summary>The message as a receiver gets it.</summary>
    public static MailboxMessage Read(NatsHeaders headers, string id, ReadOnlyMemory<byte> body, int deliveries) => new(
        id,
        Uri.UnescapeDataString(headers["Toolrt-From"u8] ?? ""),
        body,
        DateTimeOffset.TryParse(headers["Nats-Time-Stamp"u8], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var sent) ? sent : default,
        deliveries,
        headers["Toolrt-Reply"u8]);
}
