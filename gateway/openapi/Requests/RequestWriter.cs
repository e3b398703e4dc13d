using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>
/// Writes the request of a tool's call. What the document leaves open is settled so: <c>null</c> and empty arrays and objects are undefined in
/// paths, queries, headers, cookies and forms and are left out there, while JSON bodies keep them; an absent argument is never sent, unless it is needed and can have but one value.
/// </summary>
/// <param name="options">Bounds and choices.</param>
public sealed class RequestWriter(RequestOptions options)
{
    private const int MostAccepted = 8;

    /// <summary>Writes the request.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments, an object. They must stay readable until the call has ended: bodies are written from them.</param>
    /// <param name="target">The server.</param>
    /// <param name="find">Finds resources that arguments name by URI; null where there are none.</param>
    /// <param name="cancellationToken">Ends the search for resources.</param>
    /// <exception cref="ApiFaultException">An argument cannot be sent, or the source has no server.</exception>
    public async ValueTask<ApiRequest> WriteAsync(ApiTool tool, JsonElement arguments, UpstreamTarget target, FindResource? find, CancellationToken cancellationToken)
    {
        var bound = Bind(tool, arguments);
        var url = new StringBuilder(256);
        var headers = new HeaderWriter(options);
        WriteUrl(url, tool.Operation, target, bound);
        foreach (var argument in bound)
        {
            switch (argument.Binding.Parameter?.Place)
            {
                case ParameterPlace.Header:
                    headers.WriteHeader(argument);
                    break;
                case ParameterPlace.Cookie:
                    headers.WriteCookie(argument);
                    break;
            }
        }

        headers.Headers.Add(new("Accept", Accept(tool.Operation)));
        return new ApiRequest
        {
            Method = tool.Operation.Method,
            Url = url.ToString(),
            Headers = headers.Headers,
            Cookies = headers.Cookies,
            Body = await WriteBodyAsync(tool, bound, find, cancellationToken),
        };
    }

    private static List<BoundArgument> Bind(ApiTool tool, JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            throw new ApiFaultException(ApiFaultCode.InvalidArgument, "the arguments are no object");
        }

        var bound = new List<BoundArgument>(tool.Bindings.Count);
        var given = 0;
        foreach (var binding in tool.Bindings)
        {
            if (arguments.TryGetProperty(binding.Argument, out var value))
            {
                bound.Add(new(binding, value));
                given++;
            }
            else if (binding.Parameter is { IsRequired: true } needed && SchemaLook.Fixed(needed.Schema) is { } only)
            {
                bound.Add(new(binding, only));
            }
            else if (binding.Parameter is { IsRequired: true })
            {
                throw ApiFaultException.Argument(binding.Argument, "is missing");
            }
        }

        if (given < arguments.GetPropertyCount())
        {
            RefuseUnknown(tool, arguments);
        }

        return bound;
    }

    private static void RefuseUnknown(ApiTool tool, JsonElement arguments)
    {
        var known = tool.Bindings.Select(b => b.Argument).ToHashSet(StringComparer.Ordinal);
        foreach (var member in arguments.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                throw ApiFaultException.Argument(member.Name, "is not one of this tool");
            }
        }
    }

    private void WriteUrl(StringBuilder url, ApiOperation operation, UpstreamTarget target, List<BoundArgument> bound)
    {
        var server = ServerUrl.Resolve(operation, target);
        url.Append(server.Base);
        PathWriter.Write(url, operation.Path, bound.Where(b => b.Binding.Parameter?.Place == ParameterPlace.Path)
            .ToDictionary(b => b.Binding.Parameter!.Name, StringComparer.Ordinal));
        var query = new QueryWriter(url, options);
        query.WriteRaw(server.Query);
        foreach (var argument in bound.Where(b => b.Binding.Parameter?.Place is ParameterPlace.Query or ParameterPlace.QueryString)
            .OrderBy(b => Order(operation, b.Binding.Parameter!)))
        {
            query.Write(argument);
            if (url.Length > options.MaxUrlLength)
            {
                throw ApiFaultException.Argument(argument.Name, $"makes the URL longer than {options.MaxUrlLength} characters");
            }
        }
    }

    /// <summary>The document's order: some servers read the query in it.</summary>
    private static int Order(ApiOperation operation, ApiParameter parameter) => operation.Parameters.TakeWhile(p => !ReferenceEquals(p, parameter)).Count();

    private async ValueTask<RequestBody?> WriteBodyAsync(ApiTool tool, List<BoundArgument> bound, FindResource? find, CancellationToken cancellationToken)
    {
        if (tool.BodyMedia is null)
        {
            return null;
        }

        var given = bound.Where(b => b.Binding.Target != BindingTarget.Parameter).ToList();
        var body = await new BodyWriter(tool.BodyMedia, find).WriteAsync(given, tool.Operation.Body?.IsRequired ?? false, cancellationToken);
        return body?.Length > options.MaxBodyLength
            ? throw new ApiFaultException(ApiFaultCode.TooLarge, $"the body would be larger than {options.MaxBodyLength} bytes", "send less")
            : body;
    }

    /// <summary>What the document says that success looks like; anything where it says nothing.</summary>
    private static string Accept(ApiOperation operation)
    {
        var named = operation.Responses.Any(r => r.Status.StartsWith('2') && r.Media.Count > 0) ? '2' : 'd';
        var types = operation.Responses.Where(r => r.Status.StartsWith(named)).SelectMany(r => r.Media).Select(m => m.MediaType)
            .Where(t => t.All(c => c is >= ' ' and < '\u007f')).Distinct(StringComparer.OrdinalIgnoreCase).Take(MostAccepted).ToList();
        return types.Count == 0 ? "*/*" : string.Join(", ", types);
    }
}
