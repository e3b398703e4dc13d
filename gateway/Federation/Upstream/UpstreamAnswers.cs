using System.Globalization;
using System.Net;
using System.Text;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>What HTTP answers of servers mean.</summary>
internal static class UpstreamAnswers
{
    /// <summary>Media type of a stream of events.</summary>
    public const string Stream = "text/event-stream";

    private const int MaximumExcerpt = 500;
    private const int MaximumSkipped = 1024 * 1024;

    /// <summary>The media type in small letters, for its case means nothing (RFC 9110); null where none is said.</summary>
    public static string? MediaTypeOf(HttpContent content) => content.Headers.ContentType?.MediaType?.ToLowerInvariant();

    /// <summary>An answer of ours around a raw error.</summary>
    public static byte[] WithId(long id, ReadOnlyMemory<byte> error) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":")), .. error.Span, (byte)'}'];

    /// <summary>A refusal by status, with the beginning of what was said.</summary>
    public static UpstreamFailure Refused(string name, HttpResponseMessage response, byte[] body)
    {
        var status = (int)response.StatusCode;
        var text = Encoding.UTF8.GetString(body);
        var said = new string([.. text.Take(MaximumExcerpt).Where(c => !char.IsControl(c))]).Trim();
        var hint = status switch
        {
            401 or 403 => "give its credentials: --header \"Authorization=Bearer secret:NAME\", or its OAuth client",
            404 or 405 => "see that the URL is the server's MCP endpoint",
            _ => null,
        };
        var message = response.IsSuccessStatusCode
            ? $"the MCP server '{name}' answered with {response.Content.Headers.ContentType?.MediaType ?? "no content"}, which is no MCP"
            : $"the MCP server '{name}' answered {status} {response.ReasonPhrase}: {said}".TrimEnd(' ', ':');
        return new UpstreamFailure(new FunctionFault(FaultCode.UpstreamFailed, message, hint), status);
    }

    /// <summary>
    /// Whether the server has forgotten the session: it should say 404, and servers made after the TypeScript SDK's example say 400 with a reason.
    /// </summary>
    public static async ValueTask<bool> HasForgottenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.BadRequest)
        {
            return response.StatusCode == HttpStatusCode.NotFound;
        }

        await response.Content.LoadIntoBufferAsync(MaximumSkipped, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return RpcMessage.TryRead(body) is { Error.IsEmpty: false } refused
            && RawJson.Text(RawJson.Member(refused.Error, "message"u8)) is { } reason
            && (reason.Contains("session", StringComparison.OrdinalIgnoreCase) || reason.Contains("not initialized", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Reads past an answer that nobody needs, if it is not long; a stream is left.</summary>
    public static async ValueTask SkipAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (MediaTypeOf(content) == Stream)
        {
            await foreach (var _ in new UpstreamEvents().ReadAsync(content, cancellationToken))
            {
                return;
            }
        }

        await UpstreamBody.ReadAsync(content, MaximumSkipped, cancellationToken);
    }
}
