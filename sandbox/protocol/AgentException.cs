namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The agent refused an operation. The channel goes on.</summary>
public sealed class AgentException : Exception
{
    private const int LongestMessage = 4096;

    /// <summary>Of the reply that says no.</summary>
    public AgentException(string operation, AgentReply reply)
        : base($"{operation}: {Shorten(reply.Message)}") => Code = Shorten(reply.Code);

    /// <summary>One of <see cref="AgentErrorCode"/>, or what else the agent said.</summary>
    public string Code { get; }

    private static string Shorten(string? text) =>
        text is null ? "no reason given" : text.Length <= LongestMessage ? text : text[..LongestMessage];
}
