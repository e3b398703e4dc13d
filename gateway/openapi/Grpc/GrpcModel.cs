using Google.Protobuf.Reflection;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>A server's services as operations.</summary>
internal sealed class GrpcModel
{
    private readonly Dictionary<string, MethodDescriptor> _methods = new(StringComparer.Ordinal);
    private readonly List<ApiOperation> _operations = [];
    private readonly List<ApiRefusal> _refusals = [];
    private readonly MessageSchemas _schemas = new();

    private GrpcModel(Uri server) => Api = new GrpcApi(this) { Title = server.Authority, Format = ApiFormat.Grpc, Operations = _operations, Refusals = _refusals };

    /// <summary>The operations and refusals.</summary>
    public ApiModel Api { get; }

    /// <summary>The method of an operation's path.</summary>
    public MethodDescriptor Method(string path) => _methods.TryGetValue(path, out var method)
        ? method
        : throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the server has no method {path} any more", "read its description again");

    /// <summary>Reads all services; one that cannot be read is a refusal.</summary>
    public static async Task<GrpcModel> ReadAsync(IDescriptions descriptions, Uri server, GrpcOptions options, CancellationToken cancellationToken)
    {
        var loader = new DescriptorLoader(descriptions, options, server.Host);
        var model = new GrpcModel(server);
        foreach (var service in (await descriptions.ListAsync(cancellationToken)).Take(options.MaxServices))
        {
            try
            {
                model.Add(await loader.LoadAsync(service, cancellationToken), server);
            }
            catch (ApiFaultException fault) when (fault.Fault.Code == ApiFaultCode.BadResponse)
            {
                model._refusals.Add(new ApiRefusal(GrpcRefusals.ServiceUnreadable, $"/services/{service}", fault.Message, "see to it that reflection serves all imported files"));
            }
        }

        return model;
    }

    private void Add(ServiceDescriptor service, Uri server)
    {
        foreach (var method in service.Methods)
        {
            var pointer = $"/services/{service.FullName}/{method.Name}";
            if (method.IsClientStreaming)
            {
                _refusals.Add(new ApiRefusal(method.IsServerStreaming ? GrpcRefusals.BidirectionalStreaming : GrpcRefusals.ClientStreaming, pointer,
                    $"{method.FullName} takes a stream of messages", "offer a method that takes one message"));
                continue;
            }

            var path = $"/{service.FullName}/{method.Name}";
            _methods[path] = method;
            _operations.Add(Operation(service, method, path, pointer, server));
        }
    }

    private ApiOperation Operation(ServiceDescriptor service, MethodDescriptor method, string path, string pointer, Uri server) => new()
    {
        Pointer = pointer,
        Method = "POST",
        Path = path,
        OperationId = $"{service.Name}_{method.Name}",
        Summary = $"{method.Name} of {service.FullName}",
        Tags = [service.FullName],
        Servers = [new ApiServer(server.GetLeftPart(UriPartial.Authority), new Dictionary<string, ApiServerVariable>(StringComparer.Ordinal))],
        Body = new ApiBody { Media = [new ApiMedia { MediaType = "application/json", Schema = _schemas.Of(method.InputType) }] },
        Responses = [new ApiResponse { Status = "200", Media = [Answer(method)] }],
    };

    private ApiMedia Answer(MethodDescriptor method)
    {
        var item = _schemas.Of(method.OutputType);
        return method.IsServerStreaming
            ? new ApiMedia { MediaType = "application/x-ndjson", Schema = ApiSchema.Anything, ItemSchema = item }
            : new ApiMedia { MediaType = "application/json", Schema = item };
    }
}
