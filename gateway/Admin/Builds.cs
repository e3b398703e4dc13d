using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Routing;

namespace ToolRuntime.Gateway.Admin;

/// <summary>Builds: invocations of the system function that makes versions out of packages.</summary>
public sealed class Builds(FunctionCalls functions, TimeProvider time)
{
    private const string Pool = "base";
    private const string SystemVersion = "system";
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(15);

    /// <summary>Starts a build.</summary>
    public ValueTask<ICall> StartAsync(string tenant, BuildRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var invocation = new Invocation
        {
            Id = Ids.New(),
            Session = Ids.New(),
            Caller = new Caller(tenant, "admin", "admin-token"),
            Pool = Pool,
            Function = BuildRequest.FunctionName,
            Version = SystemVersion,
            Tool = BuildRequest.FunctionName,
            Arguments = JsonSerializer.SerializeToUtf8Bytes(request, FunctionsJson.Default.BuildRequest),
            AcceptedAt = now,
            Deadline = now + s_timeout,
            Options = InvocationOptions.Stream,
            Retry = RetryPolicy.Safe,
        };
        return functions.EnqueueAsync(invocation, Route(tenant, now), owner: null, cancellationToken);
    }

    /// <summary>Reads what a build made from its last event's data.</summary>
    /// <exception cref="FunctionFaultException">It made nothing that can be read.</exception>
    public static BuildResult Read(ReadOnlyMemory<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize(RawJson.Member(data, "value"u8).Span, FunctionsJson.Default.BuildResult) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.Internal, $"the build's result cannot be read: {error.Message}"), error);
        }
    }

    private static ToolRoute Route(string tenant, DateTimeOffset now)
    {
        var tool = new ToolDefinition { Name = BuildRequest.FunctionName, InputSchema = JsonElement.Parse("{}"u8) };
        return new ToolRoute(
            new FunctionVersion
            {
                Digest = SystemVersion,
                Tenant = tenant,
                Manifest = new FunctionManifest { Name = BuildRequest.FunctionName, Language = FunctionLanguage.Shell },
                Tools = [tool],
                Layers = [],
                CreatedAt = now,
            },
            tool);
    }
}
