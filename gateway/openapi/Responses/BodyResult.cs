using System.Globalization;
using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Pagination;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>A body that was read whole, as a result.</summary>
internal sealed class BodyResult(ResponseOptions options, ContinuationStore continuations, ResponseContext context)
{
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 256 };

    /// <summary>The result.</summary>
    public ApiResult Of(HttpResponseMessage answer, Uri url, string type, ReadOnlyMemory<byte> bytes)
    {
        var result = new ResultWriter { Status = (int)answer.StatusCode };
        var kind = ResponseMedia.Kind(type);
        kind = kind == ContentKind.Unknown ? ResponseMedia.Sniff(bytes.Span) : kind;
        switch (kind)
        {
            case ContentKind.Json:
                AddJson(result, answer, ResponseMedia.ToUtf8(bytes, Charset(answer)));
                break;
            case ContentKind.Text:
                AddText(result, ResponseMedia.ToUtf8(bytes, Charset(answer)), type.Length == 0 ? "text/plain" : type);
                break;
            case ContentKind.Image or ContentKind.Audio when bytes.Length <= options.MaxInlineBytes:
                result.AddMedia(kind == ContentKind.Image ? "image" : "audio", type, bytes);
                break;
            default:
                AddFile(result, answer, url, type, bytes);
                break;
        }

        return result.Finish();
    }

    /// <summary>Adds JSON that is on one line already, shaped and cut where it must be.</summary>
    public void AddLine(ResultWriter result, JsonElement value, NextPage? next)
    {
        var shaped = context.Shape is null ? default : context.Shape.Apply(value);
        using var parsed = context.Shape is null ? null : JsonDocument.Parse(shaped, s_json);
        var present = parsed?.RootElement ?? value;
        var line = context.Shape is null ? Encoding.UTF8.GetBytes(CompactJson.Text(value)) : shaped;
        if (line.Length <= options.ShownBytes)
        {
            result.Value = line;
        }
        else
        {
            AddPruned(result, present, line);
        }

        if (next is not null)
        {
            AddNext(result, next);
        }
    }

    private static string? Charset(HttpResponseMessage answer) => answer.Content.Headers.ContentType?.CharSet;

    private void AddJson(ResultWriter result, HttpResponseMessage answer, ReadOnlyMemory<byte> utf8)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, s_json);
        }
        catch (JsonException)
        {
            // It says JSON and is none: the model may still read it.
            AddText(result, utf8, "text/plain");
            return;
        }

        using (document)
        {
            var links = answer.Headers.NonValidated.TryGetValues("Link", out var values) ? values : [];
            AddLine(result, document.RootElement, new NextPageFinder(context.Tool, context.Arguments).Find(links, document.RootElement));
        }
    }

    private void AddPruned(ResultWriter result, JsonElement value, ReadOnlyMemory<byte> line)
    {
        var pruned = JsonPruner.Prune(value, options.ShownBytes);
        var shown = pruned ?? line[..Utf8Cut.Length(line.Span, options.ShownBytes)];
        result.Value = pruned ?? default;
        result.AddText(shown);
        AddContinuation(result, line, pruned is null ? shown.Length : 0, "application/json",
            pruned is null ? "cut off" : "shortened: arrays, or long texts, end early");
    }

    private void AddText(ResultWriter result, ReadOnlyMemory<byte> text, string type)
    {
        var shown = text[..Utf8Cut.Length(text.Span, options.ShownBytes)];
        result.AddText(shown);
        if (shown.Length < text.Length)
        {
            AddContinuation(result, text, shown.Length, type, "cut off");
        }
    }

    private void AddContinuation(ResultWriter result, ReadOnlyMemory<byte> all, int shown, string type, string how)
    {
        var handle = continuations.Keep(context.Owner, all, type);
        result.AddText(handle is null
            ? $"({how}: {all.Length} bytes in all; ask for less)"
            : $"({how}: {all.Length} bytes in all; the whole is kept for a while under the handle {handle}, read on from byte {shown}, or ask for fewer fields)");
        if (handle is not null)
        {
            result.AddMeta(ApiResult.ContinuationMeta, w =>
            {
                w.WriteStartObject();
                w.WriteString("handle"u8, handle);
                w.WriteNumber("shownBytes"u8, shown);
                w.WriteNumber("totalBytes"u8, all.Length);
                w.WriteString("mediaType"u8, type);
                w.WriteEndObject();
            });
        }
    }

    private void AddNext(ResultWriter result, NextPage next)
    {
        if (!result.HasContent)
        {
            result.AddText(result.Value);
        }

        result.AddText($"There is more: call again with {next.ChangesText()}");
        var arguments = context.Arguments;
        result.AddMeta(ApiResult.NextMeta, w => next.Write(w, arguments));
    }

    private void AddFile(ResultWriter result, HttpResponseMessage answer, Uri url, string type, ReadOnlyMemory<byte> bytes)
    {
        var mediaType = type.Length == 0 ? "application/octet-stream" : type;
        var name = FileName(answer, url);
        if (bytes.Length <= options.MaxInlineBytes)
        {
            result.AddFile($"{ContinuationStore.FileScheme}inline/{Uri.EscapeDataString(name)}", mediaType, bytes);
            return;
        }

        var handle = continuations.Keep(context.Owner, bytes, mediaType);
        if (handle is null)
        {
            result.AddText(string.Create(CultureInfo.InvariantCulture, $"({name}: {bytes.Length} bytes of {mediaType}, too large to be kept)"));
            return;
        }

        result.AddLink($"{ContinuationStore.FileScheme}{handle}/{Uri.EscapeDataString(name)}", name, mediaType, bytes.Length);
    }

    private static string FileName(HttpResponseMessage answer, Uri url)
    {
        var given = answer.Content.Headers.ContentDisposition is { } disposition ? disposition.FileNameStar ?? disposition.FileName?.Trim('"') : null;
        var name = given ?? Uri.UnescapeDataString(url.AbsolutePath.TrimEnd('/').Split('/')[^1]);
        var plain = string.Concat(name.Split('/', '\\')[^1].Where(c => !char.IsControl(c)).Take(128));
        return plain.Length == 0 ? "answer" : plain;
    }
}
