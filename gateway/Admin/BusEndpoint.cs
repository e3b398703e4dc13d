using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary><c>/admin/bus/…</c>: the message server, for those who run it: its health, its streams, and what waits in the queue.</summary>
public sealed class BusEndpoint(MessageBus bus)
{
    /// <summary>Its operations.</summary>
    public AdminRoutes Routes => new(
    [
        new("GET", "/admin/bus/health", "busHealth", "Whether the message server stores, its version and what it can.", HealthAsync),
        new("GET", "/admin/bus/streams", "busStreams", "Streams and buckets, how full they are and who leads them.", StreamsAsync),
        new("GET", "/admin/bus/lag", "busLag", "Calls that wait or run, by pool, tenant and function.", LagAsync),
    ]);

    /// <summary>Serves the health.</summary>
    public Task HealthAsync(HttpContext context) => WriteAsync(context, writer =>
    {
        var health = bus.Health;
        writer.WriteBoolean("connected"u8, bus.IsConnected);
        writer.WriteBoolean("stores"u8, health.Problem is null);
        if (health.Problem is { } problem)
        {
            writer.WriteString("problem"u8, problem);
        }

        writer.WriteNumber("canaryMilliseconds"u8, Math.Round(health.StoreTime.TotalMilliseconds, 3));
        writer.WriteString("serverVersion"u8, bus.Inspection.ServerVersion);
        writer.WriteStartObject("features"u8);
        foreach (var (name, has) in bus.Inspection.Features)
        {
            writer.WriteBoolean(name, has);
        }

        writer.WriteEndObject();
    });

    /// <summary>Serves the streams.</summary>
    public async Task StreamsAsync(HttpContext context)
    {
        var streams = await bus.Inspection.StreamsAsync(context.RequestAborted);
        await WriteAsync(context, writer =>
        {
            writer.WriteStartArray("streams"u8);
            foreach (var stream in streams)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, stream.Name);
                writer.WriteNumber("messages"u8, stream.Messages);
                writer.WriteNumber("bytes"u8, stream.Bytes);
                writer.WriteNumber("maximumBytes"u8, stream.MaximumBytes);
                writer.WriteNumber("consumers"u8, stream.Consumers);
                writer.WriteNumber("replicas"u8, stream.Replicas);
                writer.WriteString("leader"u8, stream.Leader ?? "");
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>Serves what waits or runs.</summary>
    public async Task LagAsync(HttpContext context)
    {
        var depths = await bus.Queue.DepthsAsync(context.RequestAborted);
        await WriteAsync(context, writer =>
        {
            writer.WriteStartArray("lag"u8);
            foreach (var ((pool, tenant, function), calls) in depths.OrderByDescending(d => d.Value))
            {
                writer.WriteStartObject();
                writer.WriteString("pool"u8, pool);
                writer.WriteString("tenant"u8, tenant);
                writer.WriteString("function"u8, function);
                writer.WriteNumber("calls"u8, calls);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }
}
