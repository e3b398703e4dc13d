using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Grpc;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.OpenApi.Tools;
using ToolRuntime.OpenApi.Upstream;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Calls the operations of one API with what its settings say. Its connections close by themselves when nobody uses them.</summary>
internal sealed class ApiCalling
{
    private static readonly JsonDocumentOptions s_documents = new() { MaxDepth = 64 };
    private readonly string _name;
    private readonly ApiServices _services;
    private readonly Lazy<Task<IApiSource>> _source;

    public ApiCalling(FunctionVersion version, ApiModel model, ApiServices services)
    {
        (_name, _services) = (version.Manifest.Name, services);
        var settings = version.Manifest.Api!;
        var options = Options(version, settings);
        _source = new(() => OpenAsync(model, options, settings, services.PartsOf(version.Tenant)));
    }

    /// <summary>Whose caches, tokens and kept results those of a caller are.</summary>
    public static string Owner(Caller caller) => $"{caller.Tenant}/{caller.Subject}";

    /// <summary>Calls one operation.</summary>
    /// <exception cref="FunctionFaultException">It could not be asked, or its answer cannot be read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> CallAsync(ApiTool tool, ApiInvocation call, CancellationToken cancellationToken)
    {
        var invocation = call.Invocation;
        try
        {
            using var parsed = JsonDocument.Parse(invocation.Arguments, s_documents);
            var (arguments, shape) = Selected(tool, parsed.RootElement);
            var source = await _source.Value.WaitAsync(cancellationToken);
            var result = await source.CallAsync(
                new ApiCall
                {
                    Tool = tool,
                    Arguments = arguments,
                    Caller = new ApiCaller { Subject = Owner(invocation.Caller), Headers = call.Headers, Token = Token(call) },
                    Shape = shape,
                    Find = (uri, token) => _services.FindAsync(invocation, uri, token),
                    OnItem = call.EmitAsync is { } emit ? (item, token) => emit(new InvocationEvent(EventKind.Output, item), token) : null,
                    TraceParent = invocation.TraceParent,
                    TraceState = invocation.TraceState,
                },
                cancellationToken);
            return result.Payload;
        }
        catch (ApiFaultException failed)
        {
            throw ApiFaults.Of(_name, failed);
        }
    }

    private static (JsonElement Arguments, ResultShape? Shape) Selected(ApiTool tool, JsonElement arguments)
    {
        try
        {
            return ApiSelection.Take(tool, arguments);
        }
        catch (FormatException wrong)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.InvalidArguments, $"/{ApiSelection.Argument}: {wrong.Message}", "give field paths or a JMESPath expression"), wrong);
        }
    }

    private static async Task<IApiSource> OpenAsync(ApiModel model, ApiSourceOptions options, ApiSettings settings, ApiSourceParts parts)
    {
        if (model.Format == ApiFormat.Grpc)
        {
            return new GrpcSource(model, new Uri(settings.Server ?? settings.Root), new GrpcOptions { Timeout = options.Upstream.Timeout }, options, parts);
        }

        return new ApiSource(model, options, settings.Certificate is { } certificate
            ? parts with { Certificate = await CertificateFile.ReadAsync(SecretReference.Parse(certificate), parts.Secrets, CancellationToken.None) }
            : parts);
    }

    private static ApiSourceOptions Options(FunctionVersion version, ApiSettings settings)
    {
        try
        {
            return new ApiSourceOptions
            {
                Target = new UpstreamTarget { DocumentUrl = new Uri(settings.Root), BaseUrl = settings.Server, Variables = settings.ServerVariables },
                Credentials = CredentialText.Parse(settings.Credentials),
                AllowedHosts = settings.AllowedHosts,
                Upstream = new UpstreamOptions { Timeout = Within(TimeSpan.FromSeconds(version.Manifest.TimeoutSeconds)) },
            };
        }
        catch (ApiFaultException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.DeployRefused, error.Fault.Message, error.Fault.Hint), error);
        }
    }

    /// <summary>A little less than a call has, so that what came of a stream until then still becomes its result.</summary>
    private static TimeSpan Within(TimeSpan call) => call - TimeSpan.FromSeconds(Math.Min(1, call.TotalSeconds / 20));

    /// <summary>The caller's own token, for an exchange, where the operator lets its header pass.</summary>
    private static string? Token(ApiInvocation call) =>
        call.Headers.TryGetValue("Authorization", out var value) && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? value["Bearer ".Length..].Trim() : null;
}
