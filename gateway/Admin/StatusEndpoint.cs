using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary><c>GET /admin/status</c>: counts, what waits in the queue, and what a runtime says of its pools (part request <c>runtime.status</c>, passed on as it is).</summary>
public sealed class StatusEndpoint(MessageBus bus, ToolCatalog catalog, TimeProvider time)
{
    private const string RuntimeRequest = "runtime.status";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Its operation.</summary>
    public AdminRoutes Routes => new([new("GET", "/admin/status", "status", "Counts, queue depths and pools.", HandleAsync) { Query = [AdminRoutes.Tenant] }]);

    /// <summary>Serves it.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var tools = catalog.Of(AdminRequest.Tenant(context));
        var runtime = await RuntimeAsync(context.RequestAborted);
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"version\":"u8).Text(ServerIdentity.Version);
        buffer.Raw(",\"bus\":"u8).Text(bus.IsConnected ? "connected" : "not connected");
        buffer.Raw(",\"functions\":"u8).Number(tools.Functions.Count).Raw(",\"tools\":"u8).Number(tools.Sorted.Length);
        buffer.Raw(",\"queued\":{"u8);
        var first = true;
        foreach (var pool in tools.Functions.Values.Select(v => v.Pool).Append("base").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList())
        {
            buffer.Raw(first ? ""u8 : ","u8).Text(pool).Raw(":"u8).Number(await bus.Queue.DepthAsync(pool, context.RequestAborted));
            first = false;
        }

        buffer.Raw("},\"runtime\":"u8).Raw(runtime.IsEmpty ? "null"u8 : runtime.Span).Raw("}"u8);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    private async Task<ReadOnlyMemory<byte>> RuntimeAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var answer = await bus.Requests.RequestAsync(RuntimeRequest, "{}"u8.ToArray(), either.Token);
            using var document = JsonDocument.Parse(answer);
            return answer;
        }
        catch (Exception error) when (error is FunctionFaultException or JsonException || (error is OperationCanceledException && patience.IsCancellationRequested))
        {
            return default;
        }
    }
}
