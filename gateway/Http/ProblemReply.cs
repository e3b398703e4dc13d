using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Http;

/// <summary>Faults as RFC 9457 problem details.</summary>
public static class ProblemReply
{
    private const string ContentType = "application/problem+json";

    /// <summary>Answers with a fault; one of the bus passes soon, and the answer says so.</summary>
    public static async Task WriteAsync(HttpContext context, FunctionFault fault, string? invocation = null)
    {
        if (fault.Code == FaultCode.BusUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        using var buffer = new ReplyBuffer();
        FaultMapping.WriteProblem(buffer, fault, invocation);
        await JsonReply.WriteAsync(context, FaultMapping.HttpStatus(fault.Code), buffer.Written, context.RequestAborted, ContentType);
    }

    /// <summary>Answers with a status of HTTP itself.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string title, string detail)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"type\":\"about:blank\",\"title\":"u8).Text(title).Raw(",\"status\":"u8).Number(status).Raw(",\"detail\":"u8).Text(detail).Raw("}"u8);
        await JsonReply.WriteAsync(context, status, buffer.Written, context.RequestAborted, ContentType);
    }
}
