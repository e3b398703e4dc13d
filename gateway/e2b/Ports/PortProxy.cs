using System.Globalization;
using System.Net;
using System.Net.Security;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Ports;

/// <summary>
/// A sandbox's own HTTP ports: requests and answers go through as they are, streamed both ways, and so do WebSockets. Each request has a
/// connection of its own, since servers inside close idle ones when they please.
/// </summary>
public sealed class PortProxy : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);
    private static readonly HttpRequestOptionsKey<SandboxRecord> s_sandbox = new("sandbox");
    private static readonly HttpRequestOptionsKey<int> s_port = new("port");
    private static readonly HashSet<string> s_hop = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Upgrade", "E2b-Sandbox-Id", "E2b-Sandbox-Port", "e2b-traffic-access-token" };
    private readonly SandboxClient _client;
    private readonly SandboxTokens _tokens;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _invoker;

    /// <summary>Puts the proxy together.</summary>
    public PortProxy(SandboxClient client, SandboxTokens tokens, TimeProvider time)
    {
        (_client, _tokens, _time) = (client, tokens, time);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,

            // Certificates of servers inside are made by whoever is inside; the way there is a channel of this system's own.
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
        });
    }

    /// <summary>Serves a request.</summary>
    public async Task ServeAsync(HttpContext context, SandboxRecord sandbox, int port)
    {
        if (!sandbox.Settings.HasPublicPorts && !SandboxTokens.Same(context.Request.Headers["e2b-traffic-access-token"], _tokens.Traffic(sandbox.Id)))
        {
            await E2bReply.WriteAsync(context, StatusCodes.Status403Forbidden, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("sandboxId"u8, sandbox.Id);
                writer.WriteString("message"u8, "the traffic access token is missing or wrong");
                writer.WriteNumber("code"u8, StatusCodes.Status403Forbidden);
                writer.WriteEndObject();
            });
            return;
        }

        using var request = RequestOf(context, sandbox, port);
        try
        {
            using var response = await _invoker.SendAsync(request, context.RequestAborted);
            await (response.StatusCode == HttpStatusCode.SwitchingProtocols ? UpgradeAsync(context, response) : AnswerAsync(context, response));
        }
        catch (HttpRequestException error) when (!context.Response.HasStarted)
        {
            if (error.InnerException is FunctionFaultException gone)
            {
                throw gone;
            }

            await E2bReply.GoneAsync(context, sandbox.Id, port);
        }
        catch (HttpRequestException)
        {
            context.Abort();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    private static HttpRequestMessage RequestOf(HttpContext context, SandboxRecord sandbox, int port)
    {
        var from = context.Request;
        var scheme = sandbox.Settings.TlsPorts.Contains(port) ? "https" : "http";
        var request = new HttpRequestMessage(new HttpMethod(from.Method), $"{scheme}://{sandbox.Id}.sandbox:{port}{from.Path.ToUriComponent()}{from.QueryString.ToUriComponent()}");
        request.Options.Set(s_sandbox, sandbox);
        request.Options.Set(s_port, port);
        if (from.ContentLength > 0 || from.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(from.Body);
        }

        foreach (var (name, values) in from.Headers)
        {
            if (!s_hop.Contains(name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        if (from.Headers.Upgrade.Count > 0)
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", (IEnumerable<string?>)from.Headers.Upgrade);
        }

        request.Headers.Host = sandbox.Settings.PortHost?.Replace("${PORT}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) ?? from.Host.Value;
        return request;
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage response)
    {
        Copy(context.Response, response);
        await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        await context.Response.StartAsync(context.RequestAborted);
        var buffer = new byte[32 * 1024];
        while (await body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
        {
            await context.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
        }
    }

    private static async Task UpgradeAsync(HttpContext context, HttpResponseMessage response)
    {
        Copy(context.Response, response);
        context.Response.Headers.Connection = "Upgrade";
        await using var inner = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        await using var outer = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        // Whichever side ends first ends both: a half-closed WebSocket says nothing more.
        await Task.WhenAny(inner.CopyToAsync(outer, context.RequestAborted), outer.CopyToAsync(inner, context.RequestAborted));
    }

    private static void Copy(HttpResponse to, HttpResponseMessage from)
    {
        to.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.Concat(from.Content.Headers))
        {
            if (!s_hop.Contains(name) || (name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase) && from.StatusCode == HttpStatusCode.SwitchingProtocols))
            {
                to.Headers[name] = values.ToArray();
            }
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var options = context.InitialRequestMessage.Options;
        if (!options.TryGetValue(s_sandbox, out var sandbox) || !options.TryGetValue(s_port, out var port))
        {
            throw new InvalidOperationException("a request without a sandbox");
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return (await _client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.Dial, Port = port }, cancellationToken)).Stream;
            }
            catch (AgentException error) when (attempt < Attempts)
            {
                // A server that is just starting opens its port a moment later.
                _ = error;
                await Task.Delay(s_again, _time, cancellationToken);
            }
            catch (AgentException error)
            {
                throw new IOException(error.Message, error);
            }
        }
    }
}
