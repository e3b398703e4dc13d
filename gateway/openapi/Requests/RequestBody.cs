namespace ToolRuntime.OpenApi.Requests;

/// <summary>The body of a request; it can be written any number of times.</summary>
public abstract class RequestBody
{
    /// <summary>The value of the header <c>Content-Type</c>.</summary>
    public required string ContentType { get; init; }

    /// <summary>Its length in bytes, or null where only writing tells.</summary>
    public abstract long? Length { get; }

    /// <summary>Writes it.</summary>
    public abstract Task WriteAsync(Stream target, CancellationToken cancellationToken);
}
