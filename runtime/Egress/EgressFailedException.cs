namespace ToolRuntime.Runtime.Egress;

/// <summary>Something that may be reached cannot be: no address, no answer, a certificate that is not right, a request that nobody understands.</summary>
internal sealed class EgressFailedException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether the rules forbid it.</summary>
    public bool IsDenied { get; init; }

    /// <summary>The status that a program gets where it speaks HTTP.</summary>
    public int Status { get; init; } = 502;
}
