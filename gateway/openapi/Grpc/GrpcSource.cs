using System.Text.Json;

using Google.Protobuf.Reflection;

using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>A gRPC server that describes itself: its unary and server-streaming methods as operations, and calls of them.</summary>
public sealed class GrpcSource : IApiSource, IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly GrpcOptions _options;
    private readonly ApiSourceOptions _source;
    private readonly ApiSourceParts _parts;
    private readonly CredentialWriter _credentials;
    private readonly CredentialChooser _chooser;
    private readonly RequestWriter _requests;
    private readonly GrpcModel _model;

    /// <summary>A server that can be called.</summary>
    /// <param name="model">What <see cref="ReadAsync"/> gave.</param>
    /// <param name="server">Its URL, see <see cref="AddressOf"/>.</param>
    /// <param name="options">Bounds of gRPC.</param>
    /// <param name="source">Credentials, allowed hosts, what is shown.</param>
    /// <param name="parts">What it shares with others.</param>
    /// <exception cref="ArgumentException">The model is no gRPC server's.</exception>
    public GrpcSource(ApiModel model, Uri server, GrpcOptions options, ApiSourceOptions source, ApiSourceParts parts)
    {
        (_options, _source, _parts) = (options, source, parts);
        _model = model is GrpcApi api ? api.Grpc : throw new ArgumentException("the model is no gRPC server's", nameof(model));
        var connector = new PinnedConnector(AddressPolicy.Allowing(source.AllowedHosts), parts.Resolve);
        _channel = new GrpcChannel(AddressOf(server), options, connector);
        _credentials = new CredentialWriter(source.Tokens, connector, parts.Secrets, parts.Time);
        _chooser = new CredentialChooser(model, source.Credentials);
        _requests = new RequestWriter(source.Requests);
    }

    /// <summary>Its operations.</summary>
    public ApiModel Model => _model.Api;

    /// <summary>Whether a URL names a gRPC server: <c>grpc://host:port</c>, or <c>grpcs://</c> with TLS.</summary>
    public static bool IsOne(Uri url) => url.Scheme is "grpc" or "grpcs";

    /// <summary>The URL that is spoken to: <c>http://</c> is HTTP/2 without TLS.</summary>
    public static Uri AddressOf(Uri server) => IsOne(server) ? new UriBuilder(server) { Scheme = server.Scheme == "grpc" ? "http" : "https" }.Uri : server;

    /// <summary>Asks a server by reflection what it offers.</summary>
    /// <returns>A document for <see cref="ReadAsync"/>.</returns>
    /// <exception cref="ApiFaultException">It cannot be reached or does not describe itself.</exception>
    public static async Task<ReadOnlyMemory<byte>> DescribeAsync(Uri server, GrpcOptions options, PinnedConnector connector, TimeProvider time, CancellationToken cancellationToken)
    {
        using var channel = new GrpcChannel(AddressOf(server), options, connector);
        using var timer = new CancellationTokenSource(options.Timeout, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var recording = new RecordingDescriptions(new ReflectionClient(channel, server.Host, deadline.Token));
        await GrpcModel.ReadAsync(recording, AddressOf(server), options, cancellationToken);
        return recording.ToJson();
    }

    /// <summary>The operations that a document names: each <c>POST /package.Service/Method</c> with the request message as a JSON body.</summary>
    /// <exception cref="ApiDocumentException">It is no such document.</exception>
    public static async Task<ApiModel> ReadAsync(ReadOnlyMemory<byte> document, Uri server, GrpcOptions options, CancellationToken cancellationToken) =>
        (await GrpcModel.ReadAsync(RecordedDescriptions.Parse(document, server.Host), AddressOf(server), options, cancellationToken)).Api;

    /// <inheritdoc/>
    public async Task<ApiResult> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var method = _model.Method(call.Tool.Operation.Path);
        var written = await _requests.WriteAsync(call.Tool, call.Arguments, _source.Target, call.Find ?? _parts.Find, cancellationToken);
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
