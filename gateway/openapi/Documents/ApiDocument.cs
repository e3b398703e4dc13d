using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>
/// Documents to <see cref="ApiModel"/>s: Swagger 2.0 and OpenAPI 3.0 to 3.2, JSON or YAML. One bad operation never rejects a document: it becomes
/// an <see cref="ApiRefusal"/>, and what can be gone around becomes an <see cref="ApiWarning"/>.
/// </summary>
public static class ApiDocument
{
    /// <summary>Reads a document that stands alone; references to others lead nowhere.</summary>
    /// <exception cref="ApiDocumentException">It is no API document, or goes beyond a bound.</exception>
    public static ApiModel Read(ReadOnlyMemory<byte> content, ReadOptions? options = null)
    {
        // Nothing is fetched without a source, so nothing is waited for.
        var reading = ReadAsync(content, null, null, options ?? new ReadOptions(), CancellationToken.None);
        return reading.IsCompleted ? reading.Result : reading.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Reads a document and those that it refers to.</summary>
    /// <param name="content">The root document, JSON or YAML.</param>
    /// <param name="location">Where it came from (absolute; what its references are relative to), or null.</param>
    /// <param name="source">Where other documents come from; null: they are not read.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="cancellationToken">Ends the fetching.</param>
    /// <exception cref="ApiDocumentException">The root document is no API document, or all of them go beyond a bound.</exception>
    public static async ValueTask<ApiModel> ReadAsync(ReadOnlyMemory<byte> content, Uri? location, IDocumentSource? source, ReadOptions options, CancellationToken cancellationToken)
    {
        var set = new DocumentSet(source, options);
        var root = await set.LoadAsync(DocumentText.ToJson(content, options), location, cancellationToken);
        return new ModelReader(root, set.Warnings, options).Read();
    }
}
