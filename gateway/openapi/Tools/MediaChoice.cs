using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>Media types, and which of several a request uses.</summary>
internal static class MediaChoice
{
    /// <summary>JSON first, then forms, multipart, text, the rest; of equals the first. A body that carries files goes as multipart where it may.</summary>
    public static ApiMedia Request(ApiBody body)
    {
        var first = body.Media.MinBy(m => Rank(m.MediaType))!;
        var form = IsMultipart(first.MediaType) ? null : body.Media.FirstOrDefault(m => Bare(m.MediaType) is "multipart/form-data");
        return form is not null && SchemaLook.HasBinary(first.Schema) ? form : first;
    }

    /// <summary>The JSON body of the success response, or null.</summary>
    public static ApiMedia? Success(ApiOperation operation) => operation.Responses
        .Where(r => r.Status.Length == 3 && r.Status[0] == '2')
        .OrderBy(r => r.Status, StringComparer.Ordinal)
        .SelectMany(r => r.Media.Where(m => IsJson(m.MediaType) || m.MediaType is "*/*").OrderBy(m => Rank(m.MediaType)))
        .FirstOrDefault();

    public static bool IsJson(string media) => Bare(media) is var bare
        && (bare is "application/json" or "text/json" || bare.EndsWith("+json", StringComparison.Ordinal) || (bare.Contains("json", StringComparison.Ordinal) && !IsLines(bare)));

    public static bool IsForm(string media) => Bare(media) is "application/x-www-form-urlencoded";

    public static bool IsMultipart(string media) => Bare(media).StartsWith("multipart/", StringComparison.Ordinal);

    public static bool IsText(string media) => Bare(media) is var bare
        && (bare.StartsWith("text/", StringComparison.Ordinal) || bare.EndsWith("xml", StringComparison.Ordinal) || bare.EndsWith("yaml", StringComparison.Ordinal)
            || bare is "application/graphql" or "application/sql" or "application/toml" or "application/javascript" or "application/ecmascript"
                or "application/jsonpath" or "application/jwt" or "application/jose" or "application/x-sh");

    public static bool IsAny(string media) => Bare(media) is "*/*" or "application/*";

    private static bool IsLines(string bare) => bare is "application/x-ndjson" or "application/jsonl" or "application/json-seq" or "application/x-jsonlines";

    private static int Rank(string media) => Bare(media) switch
    {
        "application/json" => 0,
        "application/json-patch+json" => 3,
        var bare when bare.EndsWith("+json", StringComparison.Ordinal) => bare.Contains("merge-patch", StringComparison.Ordinal) ? 1 : 2,
        var bare when IsJson(bare) => 4,
        "*/*" or "application/*" => 5,
        "application/x-www-form-urlencoded" => 6,
        "multipart/form-data" => 7,
        var bare when bare.StartsWith("multipart/", StringComparison.Ordinal) => 8,
        var bare when IsText(bare) => 9,
        _ => 10,
    };

    private static string Bare(string media) => media.Split(';')[0].Trim().ToLowerInvariant();
}
