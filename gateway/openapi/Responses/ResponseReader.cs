using System.Globalization;
using System.Net;
using System.Text;

using ToolRuntime.OpenApi.Bodies;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>Turns an answer into a tool's result.</summary>
/// <param name="options">What a model is shown at most.</param>
/// <param name="continuations">Keeps the rest.</param>
public sealed class ResponseReader(ResponseOptions options, ContinuationStore continuations)
{
    /// <summary>Reads the answer.</summary>
    /// <param name="answer">The answer; its body is read here.</param>
    /// <param name="url">Where it came from.</param>
    /// <param name="context">The call.</param>
    /// <param name="deadline">Ends with the time that the upstream has.</param>
    /// <param name="cancellationToken">The caller's own end.</param>
    /// <exception cref="ApiFaultException">The body is too large, cut off, damaged or too slow.</exception>
    public async Task<ApiResult> ReadAsync(HttpResponseMessage answer, Uri url, ResponseContext context, CancellationToken deadline, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
        {
            return await ReadErrorAsync(answer, url, deadline, cancellationToken);
        }

        if (context.Tool.Operation.Method == "HEAD" || IsEmpty(answer))
        {
            return Bodiless(answer, context.Tool.Operation.Method == "HEAD");
        }

        var type = MediaTypes.Essence(answer.Content.Headers.NonValidated.TryGetValues("Content-Type", out var t) ? t.ToString() : "");
        if (ResponseMedia.Kind(type) == ContentKind.Stream)
        {
            return await new StreamResult(options, continuations, context).ReadAsync(answer, url, type, deadline, cancellationToken);
        }

        var bytes = await WholeBody.ReadAsync(answer.Content, url.Host, options.Body, deadline, cancellationToken);
        return bytes.IsEmpty ? Bodiless(answer, isHead: false) : new BodyResult(options, continuations, context).Of(answer, url, type, bytes);
    }

    private static bool IsEmpty(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.ResetContent || answer.Content.Headers.ContentLength == 0;

    private static ApiResult Bodiless(HttpResponseMessage answer, bool isHead)
    {
        var result = new ResultWriter { Status = (int)answer.StatusCode };
        var text = new StringBuilder(StatusLine(answer));
        foreach (var header in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).Where(h => IsTold(h.Key, isHead)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{header.Key}: {header.Value}");
        }

        result.AddText(text.ToString());
        return result.Finish();
    }

    /// <summary>Where a new thing is to be found, when, and what may be asked for is told; of a HEAD everything but cookies, for it is all there is.</summary>
    private static bool IsTold(string header, bool isHead) => isHead
        ? !header.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase)
        : header.ToLowerInvariant() is "location" or "etag" or "retry-after" or "allow";

    private async Task<ApiResult> ReadErrorAsync(HttpResponseMessage answer, Uri url, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var result = new ResultWriter { Status = (int)answer.StatusCode, IsError = true };
        var text = new StringBuilder(StatusLine(answer));
        foreach (var header in answer.Headers.NonValidated.Where(h => h.Key.ToLowerInvariant() is "retry-after" or "location" or "www-authenticate"))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{header.Key}: {header.Value}");
        }

        var body = await ErrorBodyAsync(answer, url, deadline, cancellationToken);
        result.AddText(body.Length == 0 ? text.ToString() : text.Append('\n').Append(body).ToString());
        return result.Finish();
    }

    /// <summary>The body of an error as text. That it cannot be read is no reason to hide the error itself.</summary>
    private async Task<string> ErrorBodyAsync(HttpResponseMessage answer, Uri url, CancellationToken deadline, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await WholeBody.ReadAsync(answer.Content, url.Host, options.Body, deadline, cancellationToken);
            var text = ResponseMedia.ToUtf8(bytes, answer.Content.Headers.ContentType?.CharSet);
            if (ResponseMedia.Sniff(text.Span) == ContentKind.Bytes)
            {
                return $"({bytes.Length} bytes that are no text)";
            }

            var shown = Encoding.UTF8.GetString(text.Span[..Utf8Cut.Length(text.Span, options.MaxErrorBytes)]);
            return shown.Length < text.Length && text.Length > options.MaxErrorBytes ? $"{shown}\n(cut: {text.Length} bytes in all)" : shown;
        }
        catch (ApiFaultException unreadable)
        {
            return $"({unreadable.Message})";
        }
    }

    private static string StatusLine(HttpResponseMessage answer)
    {
        var reason = string.IsNullOrEmpty(answer.ReasonPhrase) ? "" : " " + answer.ReasonPhrase;
        return string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)answer.StatusCode}{reason}");
    }
}
