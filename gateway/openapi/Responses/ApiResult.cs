namespace ToolRuntime.OpenApi.Responses;

/// <summary>An answer as a tool's result.</summary>
/// <param name="Payload">
/// UTF-8 JSON on one line: <c>{"value": any JSON, "content": [MCP content blocks], "isError": true, "meta": {…}}</c>, each where there is one.
/// With <c>value</c> alone, the value is the text that a model is shown; with both, the value is structured content.
/// </param>
/// <param name="IsError">Whether the API refused or failed (a status other than 2xx).</param>
/// <param name="Status">The HTTP status.</param>
public sealed record ApiResult(ReadOnlyMemory<byte> Payload, bool IsError, int Status)
{
    /// <summary>The name in <c>_meta</c> of the arguments for the next page: an object, all of them.</summary>
    public const string NextMeta = "toolruntime/nextArguments";

    /// <summary>The name in <c>_meta</c> of the handle to read on with: <c>{"handle", "shownBytes", "totalBytes", "mediaType"}</c>.</summary>
    public const string ContinuationMeta = "toolruntime/continuation";
}
