using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

using ToolRuntime.Cli.Instances;

namespace ToolRuntime.Cli.Stdio;

/// <summary>
/// Each line from the client becomes one POST to <c>/mcp</c>; what comes back, plain or streamed, becomes lines.
/// A legacy client's session gets its GET stream as soon as the server names it. At most <see cref="MostRequests"/> requests wait at once.
/// </summary>
internal sealed class StdioBridge(AdminClient client, Stream output) : IDisposable
{
    private const int MostRequests = 256;
    private const string SessionHeader = "Mcp-Session-Id";
    private readonly SemaphoreSlim _slots = new(MostRequests);
    private readonly SemaphoreSlim _writing = new(1);
    private string? _session;
    private string? _version;
    private Task _listening = Task.CompletedTask;

    public async Task RunAsync(TextReader input, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task>();
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            var envelope = Envelope.Read(line);
            await _slots.WaitAsync(cancellationToken);
            var sending = PassAsync(line, envelope, ended.Token);
            running.RemoveAll(t => t.IsCompleted);
            running.Add(sending);
            if (envelope.Method == "initialize")
            {
                await sending;
            }
        }

        await Task.WhenAll(running);
        await ended.CancelAsync();
        await _listening;
    }

    public void Dispose()
    {
        _slots.Dispose();
        _writing.Dispose();
    }

    private async Task PassAsync(string line, Envelope envelope, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(line, Encoding.UTF8, "application/json") };
            AddHeaders(request, envelope);
            using var response = await client.SendRawAsync(request, cancellationToken);
            if (response.Headers.TryGetValues(SessionHeader, out var session))
            {
                Begin(session.First(), cancellationToken);
            }

            await CopyAsync(response, envelope, cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            await FailAsync(envelope, error.Message, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has closed its end: nobody waits for this answer.
        }
        finally
        {
            _slots.Release();
        }
    }

    private void AddHeaders(HttpRequestMessage request, Envelope envelope)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        var version = envelope.ModernVersion ?? _version;
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", version);
        }

        if (envelope.ModernVersion is not null)
        {
            request.Headers.TryAddWithoutValidation("Mcp-Method", envelope.Method);
            if (envelope.Name is not null)
            {
                request.Headers.TryAddWithoutValidation("Mcp-Name", envelope.Name);
            }
        }
        else if (_session is not null)
        {
            request.Headers.TryAddWithoutValidation(SessionHeader, _session);
        }
    }

    private void Begin(string session, CancellationToken cancellationToken)
    {
        if (_session is null)
        {
            _session = session;
            _listening = ListenAsync(cancellationToken);
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/mcp");
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            request.Headers.TryAddWithoutValidation(SessionHeader, _session);
            using var response = await client.SendRawAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                await CopyEventsAsync(response, cancellationToken);
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            // The stream only carries notifications; requests go on without it.
        }
    }

    private async Task CopyAsync(HttpResponseMessage response, Envelope envelope, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            await CopyEventsAsync(response, cancellationToken);
            return;
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (envelope.Method == "initialize" && response.IsSuccessStatusCode)
        {
            _version = Envelope.NegotiatedVersion(text);
        }

        if (text.Length > 0 && text[0] == '{' && text.Contains("\"jsonrpc\"", StringComparison.Ordinal))
        {
            await WriteLineAsync(text, cancellationToken);
        }
        else if (!response.IsSuccessStatusCode)
        {
            await FailAsync(envelope, $"the server answered {(int)response.StatusCode}: {text}", cancellationToken);
        }
    }

    private async Task CopyEventsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (item.Data.Length > 0)
            {
                await WriteLineAsync(item.Data, cancellationToken);
            }
        }
    }

    private async Task FailAsync(Envelope envelope, string message, CancellationToken cancellationToken)
    {
        if (envelope.RawId is { } id)
        {
            await WriteLineAsync($$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":-32603,"message":{{{JsonSerializer.Serialize(message, StdioJson.Default.String)}}}}}""", cancellationToken);
        }
    }

    private async Task WriteLineAsync(string text, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(text.ReplaceLineEndings(" ") + "\n");
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await output.WriteAsync(bytes, cancellationToken);
            await output.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}
