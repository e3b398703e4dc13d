namespace ToolRuntime.Streams;

/// <summary>A request that cannot be served as it is; becomes problem details.</summary>
internal sealed class StreamException(int status, string title, string detail) : Exception(detail)
{
    /// <summary>HTTP status.</summary>
    public int Status => status;

    /// <summary>What is wrong, in a few words.</summary>
    public string Title => title;
}
