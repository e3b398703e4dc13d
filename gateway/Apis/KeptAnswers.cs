using System.Buffers.Text;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Answers of APIs that were too large to be shown, read as MCP resources by those for whom they are kept.</summary>
public sealed class KeptAnswers(ApiServices services)
{
    /// <summary>Whether a URI names such an answer.</summary>
    public static bool IsOne(string? uri) => uri?.StartsWith(ContinuationStore.FileScheme, StringComparison.Ordinal) == true;

    /// <summary>The handle in such a URI.</summary>
    public static string HandleOf(string uri) => uri[ContinuationStore.FileScheme.Length..].Split('/')[0];

    /// <summary>Writes <c>"contents":[…]</c>; false where nothing is kept under the URI, or not for this caller.</summary>
    public bool TryWrite(ReplyBuffer buffer, Caller caller, string uri)
    {
        if (services.Continuations.Find(ApiCalling.Owner(caller), HandleOf(uri)) is not { } kept)
        {
            return false;
        }

        buffer.Raw("\"contents\":[{\"uri\":"u8).Text(uri).Raw(",\"mimeType\":"u8).Text(kept.MediaType);
        if (IsText(kept))
        {
            buffer.Raw(",\"text\":"u8).Text(kept.Bytes.Span);
        }
        else
        {
            var blob = new byte[Base64.GetMaxEncodedToUtf8Length(kept.Bytes.Length)];
            Base64.EncodeToUtf8(kept.Bytes.Span, blob, out _, out var written);
            buffer.Raw(",\"blob\":\""u8).Raw(blob.AsSpan(0, written)).Raw("\""u8);
        }

        buffer.Raw("}]"u8);
        return true;
    }

    private static bool IsText(Continuation kept) =>
        (kept.MediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || kept.MediaType.Contains("json", StringComparison.OrdinalIgnoreCase) || kept.MediaType.Contains("xml", StringComparison.OrdinalIgnoreCase))
        && System.Text.Unicode.Utf8.IsValid(kept.Bytes.Span);
}
