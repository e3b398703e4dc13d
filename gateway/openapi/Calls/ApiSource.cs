using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.OpenApi.Tools;
using ToolRuntime.OpenApi.Upstream;

namespace ToolRuntime.OpenApi.Calls;

/// <summary>
/// One API that can be called: 1. the request is written; 2. its credentials are chosen; 3. it is sent, with them where the host is one of the
/// source's own; 4. the answer becomes a result. Live until it is disposed; calls that run then end in a fault.
/// </summary>
public sealed class ApiSource : IApiSource, IDisposable
{
    private readonly ApiSourceOptions _options;
    private readonly RequestWriter _requests;
    private readonly FindResource? _find;
    private readonly CredentialChooser _chooser;
    private readonly CredentialWriter _credentials;
    private readonly UpstreamClient _upstream;
    private readonly ResponseReader _responses;
    private readonly HashSet<string> _trusted;

    /// <summary>A source.</summary>
    /// <param name="model">The API.</param>
    /// <param name="options">How it is called.</param>
    /// <param name="parts">What it shares with others.</param>
    /// <exception cref="ApiFaultException">An allowed host is none.</exception>
    public ApiSource(ApiModel model, ApiSourceOptions options, ApiSourceParts parts)
    {
        _options = options;
        var connector = new PinnedConnector(AddressPolicy.Allowing(options.AllowedHosts), parts.Resolve);
        (_requests, _find) = (new RequestWriter(options.Requests), parts.Find);
        _chooser = new CredentialChooser(model, options.Credentials);
        _credentials = new CredentialWriter(options.Tokens, connector, parts.Secrets, parts.Time);
        _trusted = TrustedOrigins.Of(model, options);
        var hosts = _trusted.Select(o => new Uri(o).Host).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _upstream = new UpstreamClient(options.Upstream, connector, parts.Certificate is null ? null : new ClientCertificate(parts.Certificate, hosts), parts.Time);
        _responses = new ResponseReader(options.Responses, parts.Continuations);
    }

    /// <inheritdoc/>
    public async Task<ApiResult> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var request = await _requests.WriteAsync(call.Tool, call.Arguments, _options.Target, call.Find ?? _find, cancellationToken);
        var chosen = _chooser.Choose(call.Tool.Operation);
        using var answer = await _upstream.SendAsync(request, Upstream(call, chosen), cancellationToken);
        return await _responses.ReadAsync(answer.Message, answer.Url, Context(call), answer.Deadline, cancellationToken);
    }

    /// <summary>The request that a call would send, without credentials: for reports and dry runs.</summary>
    public ValueTask<ApiRequest> PreviewAsync(ApiTool tool, System.Text.Json.JsonElement arguments, CancellationToken cancellationToken) =>
        _requests.WriteAsync(tool, arguments, _options.Target, _find, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _upstream.Dispose();
        _credentials.Dispose();
    }

    private UpstreamCall Upstream(ApiCall call, IReadOnlyList<ChosenCredential> chosen) => new()
    {
        Caller = call.Caller.Subject,
        TrustedOrigins = _trusted,
        Authorize = chosen.Count == 0 ? null : Authorizer(chosen, call.Caller),
        TraceParent = call.TraceParent,
        TraceState = call.TraceState,
        Timeout = call.Timeout,
    };

    private Authorize Authorizer(IReadOnlyList<ChosenCredential> chosen, ApiCaller caller)
    {
        var used = new Dictionary<string, string>(StringComparer.Ordinal);
        return (request, isSecondTry, cancellationToken) =>
        {
            if (isSecondTry && !CredentialWriter.CanRenew(chosen))
            {
                return ValueTask.FromResult(request);
            }

            if (!isSecondTry)
            {
                used.Clear();
            }

            return _credentials.WriteAsync(request, chosen, caller, used, cancellationToken);
        };
    }

    private static ResponseContext Context(ApiCall call) => new()
    {
        Tool = call.Tool,
        Arguments = call.Arguments,
        Owner = call.Caller.Subject,
        Shape = call.Shape,
        OnItem = call.OnItem,
    };
}
