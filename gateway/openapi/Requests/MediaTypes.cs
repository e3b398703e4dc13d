namespace ToolRuntime.OpenApi.Requests;

/// <summary>What a media type asks for.</summary>
public static class MediaTypes
{
    /// <summary>The type without its parameters, in lower case.</summary>
    public static string Essence(string mediaType)
    {
        var end = mediaType.IndexOf(';');
        return (end < 0 ? mediaType : mediaType[..end]).Trim().ToLowerInvariant();
    }

    /// <summary>JSON: <c>application/json</c>, everything that ends in <c>+json</c>, and what documents call JSON otherwise, but for JSON in lines and sequences.</summary>
    public static bool IsJson(string essence) => essence == "application/json"
        || (essence.Contains("json", StringComparison.Ordinal) && !IsJsonLines(essence) && !IsJsonSequence(essence) && essence != "application/jsonpath");

    /// <summary>JSON values in lines.</summary>
    public static bool IsJsonLines(string essence) => essence is "application/x-ndjson" or "application/ndjson" or "application/jsonl"
        or "application/x-jsonlines" or "application/json-lines" or "application/stream+json" or "text/x-ndjson";

    /// <summary>JSON values between record separators (RFC 7464, RFC 8091).</summary>
    public static bool IsJsonSequence(string essence) => essence == "application/json-seq" || essence.EndsWith("+json-seq", StringComparison.Ordinal);

    /// <summary>XML.</summary>
    public static bool IsXml(string essence) => essence.EndsWith("xml", StringComparison.Ordinal);

    /// <summary>A form.</summary>
    public static bool IsForm(string essence) => essence == "application/x-www-form-urlencoded";

    /// <summary>Several parts.</summary>
    public static bool IsMultipart(string essence) => essence.StartsWith("multipart/", StringComparison.Ordinal);

    /// <summary>Characters rather than bytes, as far as the name tells.</summary>
    public static bool IsText(string essence) => essence.StartsWith("text/", StringComparison.Ordinal) || IsXml(essence)
        || essence is "application/yaml" or "application/x-yaml" or "application/javascript" or "application/ecmascript" or "application/graphql"
            or "application/sql" or "application/toml" or "application/jsonpath" or "application/jwt" or "application/jose" or "application/x-sh"
        || essence.EndsWith("yaml", StringComparison.Ordinal);

    /// <summary>Bytes whatever the schema says.</summary>
    public static bool IsBytes(string essence) => essence is "application/octet-stream" or "application/zip" or "application/gzip" or "application/x-gzip"
            or "application/pdf" or "application/x-tar" or "application/vnd.ms-excel" or "application/msword" or "application/x-protobuf" or "application/protobuf"
        || essence.StartsWith("image/", StringComparison.Ordinal) && !IsXml(essence)
        || essence.StartsWith("audio/", StringComparison.Ordinal)
        || essence.StartsWith("video/", StringComparison.Ordinal)
        || essence.StartsWith("font/", StringComparison.Ordinal);

    /// <summary>A range such as <c>image/*</c>.</summary>
    public static bool IsRange(string essence) => essence.Contains('*');
}
