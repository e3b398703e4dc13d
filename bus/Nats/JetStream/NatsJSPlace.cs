using System.Globalization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>What a consumer's reply subject says: <c>$JS.ACK.[domain.account.]stream.consumer.delivered.stream-seq.consumer-seq.time.pending[.token]</c>.</summary>
internal readonly record struct NatsJSPlace(int Delivered, ulong StreamSequence, ulong ConsumerSequence, ulong Pending)
{
    private const int ShortForm = 9;
    private const int LongFormExtra = 2;

    /// <summary>Reads a reply subject.</summary>
    /// <exception cref="NatsProtocolViolationException">It is no such subject.</exception>
    public static NatsJSPlace Parse(string? replyTo)
    {
        var parts = replyTo?.Split('.') ?? [];
        var at = parts.Length == ShortForm ? 4 : 4 + LongFormExtra;
        if (parts.Length < ShortForm || parts.Length == ShortForm + 1 || parts[0] != "$JS" || parts[1] != "ACK")
        {
            throw new NatsProtocolViolationException("a message of a consumer has no acknowledgement subject");
        }

        return new NatsJSPlace((int)Number(parts[at]), Number(parts[at + 1]), Number(parts[at + 2]), Number(parts[at + 4]));
    }

    private static ulong Number(string part) =>
        ulong.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new NatsProtocolViolationException("an acknowledgement subject has a bad number");
}
