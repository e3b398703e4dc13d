using System.Text.Json;

namespace ToolRuntime.Sdk;

/// <summary>One message of a mailbox.</summary>
public abstract class Message
{
    /// <summary>Its id, for this delivery.</summary>
    public abstract string Id { get; }

    /// <summary>What was sent.</summary>
    public abstract JsonElement Body { get; }

    /// <summary>Who sent it: a function's name, or the subject of a caller from outside.</summary>
    public abstract string From { get; }

    /// <summary>1 for the first delivery.</summary>
    public abstract int Deliveries { get; }

    /// <summary>Done: it does not come again. False where the lease had run out and somebody else has it.</summary>
    public abstract Task<bool> AckAsync();

    /// <summary>Answers a request.</summary>
    /// <exception cref="ToolException">It is no request.</exception>
    public abstract Task ReplyAsync(object? body);
}
