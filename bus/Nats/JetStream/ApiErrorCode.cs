namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Error codes that decide something.</summary>
internal static class ApiErrorCode
{
    /// <summary>The stream does not exist.</summary>
    public const int StreamNotFound = 10059;

    /// <summary>The stream has as many consumers as it may.</summary>
    public const int MaximumConsumers = 10026;

    /// <summary>No message is there.</summary>
    public const int NoMessageFound = 10037;

    /// <summary>No message has the sequence any more.</summary>
    public const int SequenceNotFound = 10043;

    /// <summary>The message could not be removed, mostly because it is gone.</summary>
    public const int MessageDeleteFailed = 10057;

    /// <summary>The expected last sequence of the subject is another.</summary>
    public const int WrongLastSequence = 10071;
}
