namespace ToolRuntime.Sdk;

/// <summary>The mailboxes of a tenant, by name; the first message makes one.</summary>
public abstract class Mailboxes
{
    /// <summary>Puts a message into a mailbox and gives its id.</summary>
    /// <param name="to">The mailbox.</param>
    /// <param name="body">Any JSON value.</param>
    /// <param name="key">A second message with the same key is not put; null for none.</param>
    /// <param name="ttl">After this it is no longer delivered; null for as long as messages are kept.</param>
    /// <exception cref="ToolException">The mailbox is full, or what was given does not fit.</exception>
    public abstract Task<string> SendAsync(string to, object? body, string? key = null, TimeSpan? ttl = null);

    /// <summary>Takes messages, each this receiver's for <paramref name="lease"/>: acknowledge them, or they come again.</summary>
    /// <param name="name">The mailbox.</param>
    /// <param name="max">Most messages, 1 to 100.</param>
    /// <param name="wait">How long to wait for the first.</param>
    /// <param name="lease">30 s where it is null.</param>
    public abstract Task<IReadOnlyList<Message>> ReceiveAsync(string name, int max = 1, TimeSpan wait = default, TimeSpan? lease = null);

    /// <summary>Sends a message and gives the answer's body.</summary>
    /// <param name="to">The mailbox.</param>
    /// <param name="body">Any JSON value.</param>
    /// <param name="timeout">30 s where it is null.</param>
    /// <exception cref="ToolException">Nobody answered in time.</exception>
    public abstract Task<T> RequestAsync<T>(string to, object? body, TimeSpan? timeout = null);
}
