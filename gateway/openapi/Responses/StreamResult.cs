using System.Text.Json;

using ToolRuntime.OpenApi.Bodies;
using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>A stream of items as a result: each is handed on as it comes, and all, up to the bound on what is kept, are gathered into an array.</summary>
internal sealed class StreamResult(ResponseOptions options, ContinuationStore continuations, ResponseContext context)
{
    private const int LongestItem = 4 * 1024 * 1024;

    /// <summary>Reads to the stream's end, or to the deadline: what has come until then is the result, marked as cut off.</summary>
    public async Task<ApiResult> ReadAsync(HttpResponseMessage answer, Uri url, string type, CancellationToken deadline, CancellationToken cancellationToken)
    {
        using var gathered = new MemoryStream();
        gathered.WriteByte((byte)'[');
        var (count, isCut) = (0, false);
        try
        {
            await using var body = await BodyStream.OpenAsync(answer.Content, url.Host, options.Body, deadline);
            await foreach (var item in new StreamItems(type, url.Host, LongestItem).ReadAsync(body, deadline))
            {
                if (context.OnItem is { } listen)
                {
                    await listen(item, cancellationToken);
                }

                gathered.Write(count++ == 0 ? ""u8 : ","u8);
                gathered.Write(item.Span);
            }
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested && TransportFaults.Of(failed, url.Host, deadline.IsCancellationRequested) is { } fault)
        {
            // Nothing has come: that is a fault. Something has: it is worth showing.
            isCut = count > 0 ? true : throw new ApiFaultException(fault, failed);
        }

        gathered.WriteByte((byte)']');
        return Finish(answer, gathered, isCut);
    }

    private ApiResult Finish(HttpResponseMessage answer, MemoryStream gathered, bool isCut)
    {
        var result = new ResultWriter { Status = (int)answer.StatusCode };
        using var items = JsonDocument.Parse(gathered.GetBuffer().AsMemory(0, (int)gathered.Length), new JsonDocumentOptions { MaxDepth = 256 });
        new BodyResult(options, continuations, context).AddLine(result, items.RootElement, next: null);
        if (isCut)
        {
            if (!result.HasContent)
            {
                result.AddText(result.Value);
            }

            result.AddText("(the stream broke off or did not end in time: these are the items that came)");
        }

        return result.Finish();
    }
}
