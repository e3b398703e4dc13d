using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Http;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: the bus answers, and every registered check holds.</summary>
public sealed class Readiness(IEnumerable<ReadinessCheck> checks, MessageBus? bus = null)
{
    /// <summary>Serves <c>/healthz</c>.</summary>
    public static Task HealthAsync(HttpContext context) =>
        JsonReply.WriteAsync(context, StatusCodes.Status200OK, "{\"status\":\"ok\"}"u8.ToArray(), context.RequestAborted);

    /// <summary>Serves <c>/readyz</c>.</summary>
    public async Task ReadyAsync(HttpContext context)
    {
        var missing = new List<(string Name, string Why)>();
        if (bus is { IsConnected: false })
        {
            missing.Add(("bus", "nats-server does not answer"));
        }
        else if (bus?.Health.Problem is { } problem)
        {
            missing.Add(("bus", problem));
        }

        foreach (var check in checks)
        {
            if (await check.Check(context.RequestAborted) is { } why)
            {
                missing.Add((check.Name, why));
            }
        }

        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"status\":"u8).Text(missing.Count == 0 ? "ready" : "not ready").Raw(",\"missing\":{"u8);
        for (var i = 0; i < missing.Count; i++)
        {
            buffer.Raw(i == 0 ? ""u8 : ","u8).Text(missing[i].Name).Raw(":"u8).Text(missing[i].Why);
        }

        buffer.Raw("}}"u8);
        await JsonReply.WriteAsync(context, missing.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, buffer.Written, context.RequestAborted);
    }
}
