using System.Collections.Concurrent;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Routing;

/// <summary>
/// Tools called from within running functions: the same gate and the same decision, as the outer call's caller. Depth, cycles and fan-out
/// are refused with the chain in the message.
/// </summary>
public sealed class ChildCalls(CallGate gate, ToolCatalog catalog)
{
    private readonly ConcurrentDictionary<string, int> _inFlight = new(StringComparer.Ordinal);

    /// <summary>Serves <see cref="ChildCall.RequestName"/>.</summary>
    /// <exception cref="FunctionFaultException">The child was refused or failed.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> CallAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var child = ChildCall.Decode(request);
        if (Refuse(child) is { } refused)
        {
            throw new FunctionFaultException(refused);
        }

        if (_inFlight.AddOrUpdate(child.Parent, 1, (_, count) => count + 1) > ChildCall.MaximumInFlight)
        {
            Leave(child.Parent);
            throw new FunctionFaultException(FaultCode.QuotaExceeded, $"{Chain(child)}: more than {ChildCall.MaximumInFlight} calls of one call at once", "wait for some before making more");
        }

        try
        {
            return await RunAsync(child, cancellationToken);
        }
        finally
        {
            Leave(child.Parent);
        }
    }

    /// <summary>Serves <see cref="ChildToolList.RequestName"/>.</summary>
    public ReadOnlyMemory<byte> List(ChildToolList request)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"tools\":["u8);
        var first = true;
        foreach (var route in catalog.Of(request.Caller.Tenant).Sorted)
        {
            buffer.Raw(first ? ""u8 : ","u8).Raw(route.Listing.For(ToolShape.Full));
            first = false;
        }

        return buffer.Raw("]}"u8).Written.ToArray();
    }

    /// <summary>Whether depth or a cycle forbids the call. Pure.</summary>
    public static FunctionFault? Refuse(ChildCall child)
    {
        if (child.Chain.Contains(child.Tool, StringComparer.Ordinal))
        {
            return new FunctionFault(FaultCode.CallCycle, $"{Chain(child)}: '{child.Tool}' runs already in this chain of calls", "a tool must not call itself through others");
        }

        return child.Chain.Count >= ChildCall.MaximumDepth
            ? new FunctionFault(FaultCode.CallTooDeep, $"{Chain(child)}: calls nest at most {ChildCall.MaximumDepth} deep")
            : null;
    }

    private static string Chain(ChildCall child) => $"{string.Join(" -> ", child.Chain)} -> {child.Tool}";

    private async ValueTask<ReadOnlyMemory<byte>> RunAsync(ChildCall child, CancellationToken cancellationToken)
    {
        await using var call = await gate.StartAsync(
            new CallRequest
            {
                Caller = child.Caller,
                Tool = child.Tool,
                Arguments = child.Arguments,
                Id = child.Id,
                Session = child.Session,
                SessionIsExplicit = child.SessionIsExplicit,
                Deadline = child.Deadline,
                Parent = child.Parent,
                Chain = child.Chain,
                TraceParent = child.TraceParent,
                TraceState = child.TraceState,
            },
            cancellationToken);
        while (true)
        {
            var item = await call.NextAsync(cancellationToken);
            if (item.Event.Kind == EventKind.Completed)
            {
                return item.Event.Data;
            }

            if (item.Event.IsTerminal)
            {
                throw new FunctionFaultException(FaultMapping.Read(item.Event));
            }
        }
    }

    private void Leave(string parent)
    {
        if (_inFlight.AddOrUpdate(parent, 0, (_, count) => count - 1) <= 0)
        {
            _inFlight.TryRemove(new KeyValuePair<string, int>(parent, 0));
        }
    }
}
