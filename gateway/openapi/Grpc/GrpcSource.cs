using System.Text.Json;

using Google.Protobuf.Reflection;

using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>A gRPC server that describes itself: its unary and server-streaming methods as operations, and calls of them.</summary>
public sealed class GrpcSource : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly GrpcOptions _options;
    private readonly ApiSourceOptions _source;
    private readonly ApiSourceParts _parts;
    private readonly CredentialWriter _credentials;
    private readonly CredentialChooser _chooser;
    private readonly RequestWriter _requests;
    private readonly GrpcModel _model;

    private GrpcSource(GrpcChannel channel, GrpcModel model, GrpcOptions options, ApiSourceOptions source, ApiSourceParts parts)
    {
        (_channel, _model, _options, _source, _parts) = (channel, model, options, source, parts);
        _credentials = new CredentialWriter(source.Tokens, Connector(source, parts), parts.Secrets, parts.Time);
        _chooser = new CredentialChooser(model.Api, source.Credentials);
        _requests = new RequestWriter(source.Requests, parts.Find);
    }

    /// <summary>The operations: each <c>POST /package.Service/Method</c> with the request message as a JSON body.</summary>
    public ApiModel Model => _model.Api;

    /// <summary>Reads what a server says of itself.</summary>
    /// <param name="server">Its URL: <c>https://host:port</c>, or <c>http://</c> for HTTP/2 without TLS.</param>
    /// <param name="options">Bounds of gRPC.</param>
    /// <param name="source">Credentials, allowed hosts, what is shown.</param>
    /// <param name="parts">What it shares with others.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ApiFaultException">It cannot be reached or does not describe itself.</exception>
    public static async Task<GrpcSource> OpenAsync(Uri server, GrpcOptions options, ApiSourceOptions source, ApiSourceParts parts, CancellationToken cancellationToken)
    {
        var channel = new GrpcChannel(server, options, Connector(source, parts));
        try
        {
            using var timer = new CancellationTokenSource(options.Timeout, parts.Time);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            var reflection = new ReflectionClient(channel, server.Host, deadline.Token);
            var model = await GrpcModel.ReadAsync(reflection, new DescriptorLoader(reflection, options, server.Host), server, options, cancellationToken);
            return new GrpcSource(channel, model, options, source, parts);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>Calls a method. Its status, where it is no success, is a result that is an error.</summary>
    /// <exception cref="ApiFaultException">There is no answer.</exception>
    public async Task<ApiResult> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var method = _model.Method(call.Tool.Operation.Path);
        var written = await _requests.WriteAsync(call.Tool, call.Arguments, _source.Target, cancellationToken);
        var request = _channel.Request(call.Tool.Operation.Path, MessageEncoder.Encode(method.InputType, await BodyAsync(written, cancellationToken)));
        using var timer = new CancellationTokenSource(call.Timeout < _options.Timeout ? call.Timeout.Value : _options.Timeout, _parts.Time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var chosen = _chooser.Choose(call.Tool.Operation);
        request = await _credentials.WriteAsync(request, chosen, call.Caller, new Dictionary<string, string>(StringComparer.Ordinal), deadline.Token);
        return await GatherAsync(call, method, request, deadline.Token, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _credentials.Dispose();
    }

    private static PinnedConnector Connector(ApiSourceOptions source, ApiSourceParts parts) => new(AddressPolicy.Allowing(source.AllowedHosts), parts.Resolve);

    private static async Task<JsonElement> BodyAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (request.Body is null)
        {
            return JsonElement.Parse("{}"u8);
        }

        using var body = new MemoryStream();
        await request.Body.WriteAsync(body, cancellationToken);
        return JsonElement.Parse(body.GetBuffer().AsSpan(0, (int)body.Length));
    }

    private async Task<ApiResult> GatherAsync(ApiCall call, MethodDescriptor method, ApiRequest request, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var decoder = new MessageDecoder(request.ToUri().Host);
        var (status, items, size) = (default(GrpcStatus), new List<ReadOnlyMemory<byte>>(), 0L);
        await foreach (var message in _channel.CallAsync(request, s => status = s, deadline, cancellationToken))
        {
            var item = decoder.Decode(method.OutputType, message);
            size += item.Length;
            if (size > _source.Responses.Body.MaxBytes)
            {
                throw new ApiFaultException(ApiFaultCode.TooLarge, $"{request.ToUri().Host} answered with more than {_source.Responses.Body.MaxBytes} bytes", "ask for less");
            }

            items.Add(item);
            if (method.IsServerStreaming && call.OnItem is { } listen)
            {
                await listen(item, cancellationToken);
            }
        }

        return new GrpcResult(_source.Responses, _parts.Continuations).Of(call, status, items, method.IsServerStreaming);
    }
}
