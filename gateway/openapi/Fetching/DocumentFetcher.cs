using System.Net;

using ToolRuntime.OpenApi.Bodies;
using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Fetching;

/// <summary>
/// Fetches documents by HTTP so that nobody can make us read what is not theirs: HTTP and HTTPS only, addresses resolved once, checked and pinned,
/// each redirect checked anew, no credential, bounds of size and time, and nothing but text.
/// </summary>
public sealed class DocumentFetcher : IDisposable
{
    private readonly FetchOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    /// <summary>A fetcher under <paramref name="connector"/>'s policy.</summary>
    public DocumentFetcher(FetchOptions options, PinnedConnector connector, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _http = new HttpMessageInvoker(connector.CreateHandler(options.ConnectTimeout));
    }

    /// <summary>Fetches one document.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="etag">The ETag of the one that is there already, or null.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ApiFaultException">It cannot be had: which of the bounds, or what the server said.</exception>
    public async Task<FetchedDocument> FetchAsync(Uri url, string? etag, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var present = Checked(url);
        for (var hop = 0; hop <= _options.MaxRedirects; hop++)
        {
            using var response = await SendAsync(present, etag, both.Token, cancellationToken);
            if (Redirect.Of(response.StatusCode, "GET", present, response.Headers.TryGetValues("Location", out var l) ? l.FirstOrDefault() : null) is { } next)
            {
                present = Checked(next.Url);
                continue;
            }

            return await ReadAsync(response, present, etag, both.Token, cancellationToken);
        }

        throw TransportFaults.Bad(url.Host, $"it redirects more than {_options.MaxRedirects} times");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri url, string? etag, CancellationToken deadline, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Accept", "application/json, application/yaml, text/yaml, text/plain;q=0.8, */*;q=0.5");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", BodyStream.Accepted);
        request.Headers.TryAddWithoutValidation("User-Agent", "ToolRuntime");
        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        }

        try
        {
            return await _http.SendAsync(request, deadline);
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested && TransportFaults.Of(failed, url.Host, deadline.IsCancellationRequested) is { } fault)
        {
            throw new ApiFaultException(fault, failed);
        }
    }

    private async Task<FetchedDocument> ReadAsync(HttpResponseMessage response, Uri url, string? etag, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var tag = response.Headers.ETag?.ToString();
        if (etag is not null && response.StatusCode == HttpStatusCode.NotModified)
        {
            return new FetchedDocument(default, url, null, tag ?? etag, IsUnchanged: true);
        }

        if (!response.IsSuccessStatusCode)
        {
            throw TransportFaults.Bad(url.Host, $"status {(int)response.StatusCode} for {url.AbsolutePath}");
        }

        var bytes = await WholeBody.ReadAsync(response.Content, url.Host, _options.Body, deadline, cancellationToken);
        Sniff(bytes.Span, url);
        return new FetchedDocument(bytes, url, response.Content.Headers.ContentType?.MediaType, tag, IsUnchanged: false);
    }

    /// <summary>A page for people, or bytes, is no document, whatever its media type says.</summary>
    private static void Sniff(ReadOnlySpan<byte> bytes, Uri url)
    {
        var text = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        if (text.TrimStart(" \t\r\n"u8).StartsWith("<"u8))
        {
            throw TransportFaults.Bad(url.Host, $"{url.AbsolutePath} is a page for people, not a document");
        }

        if (text[..Math.Min(text.Length, 1024)].Contains((byte)0) && !IsWideText(bytes))
        {
            throw TransportFaults.Bad(url.Host, $"{url.AbsolutePath} is not text");
        }
    }

    private static bool IsWideText(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]);

    private static Uri Checked(Uri url) => url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.UserInfo.Length == 0
        ? url
        : throw new ApiFaultException(ApiFaultCode.AddressRefused, $"{url.OriginalString} is no HTTP URL", "give an http or https URL without a password in it");
}
