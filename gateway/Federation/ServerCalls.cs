using System.Collections.Concurrent;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Calls of MCP servers, and the questions of theirs that wait for a client to come back.</summary>
public sealed class ServerCalls(CallRecord record, ServerConnections connections, SessionEnds ends, TimeProvider time)
{
    private const int MaximumKept = 10_000;
    private readonly ConcurrentDictionary<string, ServerCall> _asking = new(StringComparer.Ordinal);

    /// <summary>Starts <c>tools/call</c>, already decided.</summary>
    /// <exception cref="FunctionFaultException">The server cannot be reached.</exception>
    public ValueTask<ICall> StartAsync(Invocation invocation, ToolRoute route, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken)
    {
        var tool = route.Tool;
        var own = tool.Entry.Length > 0 ? tool.Entry : tool.Name;
        var request = new ServerRequest("tools/call", parameters.IsEmpty ? Parameters(invocation) : parameters)
        {
            Name = own,
            Renames = own != invocation.Tool,
            Mirrored = Mirrored(route, invocation.Arguments),
        };
        return StartAsync(invocation, route, request, cancellationToken);
    }

    /// <summary>Starts any request.</summary>
    /// <exception cref="FunctionFaultException">The server cannot be reached.</exception>
    internal async ValueTask<ICall> StartAsync(Invocation invocation, ToolRoute route, ServerRequest request, CancellationToken cancellationToken)
    {
        var address = ServerAddress.For(invocation.Caller, invocation.SessionIsExplicit ? invocation.Session : null, route.Version);
        var isAlone = address.Sharing == ServerSharing.Call;
        var connection = isAlone
            ? await connections.OpenAloneAsync(address, route.Version, cancellationToken)
            : await connections.GetAsync(address, route.Version, cancellationToken);
        var call = new ServerCall(record, connection, (invocation, route), time) { AsksChanged = Keep, Ended = isAlone ? () => EndAsync(address, connection) : null };
        try
        {
            await call.SendAsync(request, cancellationToken);
            return call;
        }
        catch (IOException gone)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.SandboxLost, $"the MCP server '{address.Function}' is gone", "call again"), gone);
        }
    }

    /// <summary>The call that waits for its client's answer, or null when it is not one of ours or has ended.</summary>
    public ICall? Rejoin(string invocation, Caller caller, ulong sequence)
    {
        if (!_asking.TryGetValue(invocation, out var call) || call.Invocation.Caller != caller)
        {
            return null;
        }

        call.Rejoin(sequence);
        return call;
    }

    private static List<KeyValuePair<string, string>>? Mirrored(ToolRoute route, ReadOnlyMemory<byte> arguments)
    {
        List<KeyValuePair<string, string>>? mirrored = null;
        foreach (var parameter in route.HeaderParameters)
        {
            if (parameter.ValueIn(arguments) is { } value)
            {
                (mirrored ??= []).Add(new(parameter.Header, value));
            }
        }

        return mirrored;
    }

    private async ValueTask EndAsync(ServerAddress address, ServerConnection connection)
    {
        await connection.DisposeAsync();
        ends.Tell(new SessionEnd(address.Tenant, address.Session));
    }

    private static byte[] Parameters(Invocation invocation)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"name\":"u8).Text(invocation.Tool).Raw(",\"arguments\":"u8).Raw(invocation.Arguments.Span).Raw("}"u8);
        return buffer.Written.ToArray();
    }

    private void Keep(ServerCall call)
    {
        if (!call.IsAsking)
        {
            _asking.TryRemove(call.Invocation.Id, out _);
        }
        else if (_asking.Count < MaximumKept)
        {
            _asking[call.Invocation.Id] = call;
        }
    }
}
