namespace ToolRuntime.Bus.State;

/// <summary>The record of one call on its way: where it goes, whose it is, and its line.</summary>
internal sealed record AuditEntry(string Subject, string Invocation, byte[] Json)
{
    /// <summary>Done once it is stored. The caller goes on where the answer was read; what follows is the acknowledgement.</summary>
    public TaskCompletionSource Stored { get; } = new();
}
