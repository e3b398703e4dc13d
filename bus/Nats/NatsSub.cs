using System.Text;

namespace ToolRuntime.Bus.Nats;

/// <summary>A subscription; lives over reconnects until disposed.</summary>
internal sealed class NatsSub(NatsConnection connection, long sid, string subject, string? queueGroup, Action<NatsMsg>? handler) : IDisposable
{
    private readonly byte[]? _literal = subject.AsSpan().IndexOfAny('*', '>') < 0 ? Encoding.UTF8.GetBytes(subject) : null;

    /// <summary>Its number on the connection.</summary>
    public long Sid => sid;

    /// <summary>What it listens to.</summary>
    public string Subject => subject;

    /// <summary>Its queue group, or null.</summary>
    public string? QueueGroup => queueGroup;

    /// <summary>Takes the messages; null for the request inbox.</summary>
    public Action<NatsMsg>? Handler => handler;

    /// <summary>Called after each reconnect, once it stands again: what came in between was missed. Here and not by the connection's event, whose list is copied by whoever joins or leaves it, and calls do so by the thousand.</summary>
    public Action? Missed { get; init; }

    /// <inheritdoc/>
    public void Dispose() => connection.Remove(this);

    /// <summary>The message's subject, without allocating where it is ours.</summary>
    public string SubjectOf(ReadOnlySpan<byte> received) =>
        _literal is not null && received.SequenceEqual(_literal) ? subject : Encoding.UTF8.GetString(received);
}
