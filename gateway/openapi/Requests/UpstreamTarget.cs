namespace ToolRuntime.OpenApi.Requests;

/// <summary>Which of an API's servers a source speaks to.</summary>
public sealed record UpstreamTarget
{
    /// <summary>Where the document came from: relative servers are resolved against it. Null, or a file, for none.</summary>
    public Uri? DocumentUrl { get; init; }

    /// <summary>A base URL that stands for every server of the document; null to take the document's.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Which of the servers in effect, from 0; the first where an operation has fewer.</summary>
    public int Server { get; init; }

    /// <summary>Values of server variables by name; the document's defaults stand for the others.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
