using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Calls;

/// <summary>The one place that says what a <see cref="FaultCode"/> is in JSON-RPC and in HTTP.</summary>
public static class FaultMapping
{
    /// <summary>
    /// JSON-RPC code of a fault that is a protocol error, or null where it is a tool's failure, which the model sees as a result with
    /// <c>isError</c>. (MCP: an unknown tool is a protocol error; arguments that do not fit are a tool error since 2025-11-25.)
    /// </summary>
    public static int? JsonRpcCode(FaultCode code) => code switch
    {
        FaultCode.ToolNotFound => -32602,
        FaultCode.Denied => -32602,
        FaultCode.BusUnavailable or FaultCode.Internal => -32603,
        _ => null,
    };

    /// <summary>HTTP status of a fault on the plain HTTP face and the management API.</summary>
    public static int HttpStatus(FaultCode code) => code switch
    {
        FaultCode.InvalidArguments or FaultCode.DeployRefused => 400,
        FaultCode.Denied => 403,
        FaultCode.ToolNotFound or FaultCode.SandboxNotFound => 404,
        FaultCode.CallTooDeep or FaultCode.CallCycle or FaultCode.SandboxConflict or FaultCode.CheckpointRefused => 409,
        FaultCode.OutputTooLarge => 413,
        FaultCode.FunctionThrew or FaultCode.IdempotencyMismatch or FaultCode.LoadFailed or FaultCode.DependencyFailed => 422,
        FaultCode.QuotaExceeded => 429,
        FaultCode.Cancelled => 499,
        FaultCode.UpstreamFailed or FaultCode.WorkerLost or FaultCode.SandboxLost or FaultCode.SandboxOutOfMemory or FaultCode.RuntimeLost => 502,
        FaultCode.NotSupported => 501,
        FaultCode.PoolExhausted or FaultCode.BusUnavailable => 503,
        FaultCode.DeadlineExceeded => 504,
        _ => 500,
    };

    /// <summary>What people and models read: message, hint, detail.</summary>
    public static string Describe(FunctionFault fault)
    {
        var text = $"{fault.Code}: {fault.Message}";
        text = fault.Hint is null ? text : $"{text}\nHint: {fault.Hint}";
        return fault.Detail is null ? text : $"{text}\n{fault.Detail}";
    }

    /// <summary>The fault in the data of a <see cref="EventKind.Failed"/> or <see cref="EventKind.Gone"/> event.</summary>
    public static FunctionFault Read(InvocationEvent ended)
    {
        if (ended.Kind == EventKind.Gone)
        {
            return new FunctionFault(FaultCode.RuntimeLost, "the call's events are no longer kept", "call again");
        }

        try
        {
            return JsonSerializer.Deserialize(ended.Data.Span, FunctionsJson.Default.FunctionFault) ?? Unreadable();
        }
        catch (JsonException)
        {
            return Unreadable();
        }
    }

    /// <summary>The fault as RFC 9457 problem details.</summary>
    public static void WriteProblem(ReplyBuffer buffer, FunctionFault fault, string? invocation)
    {
        using var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("type"u8, $"urn:toolruntime:fault:{fault.Code}");
        writer.WriteString("title"u8, fault.Code.ToString());
        writer.WriteNumber("status"u8, HttpStatus(fault.Code));
        writer.WriteString("detail"u8, fault.Message);
        if (fault.Hint is not null)
        {
            writer.WriteString("hint"u8, fault.Hint);
        }

        if (fault.Detail is not null)
        {
            writer.WriteString("output"u8, fault.Detail);
        }

        if (invocation is not null)
        {
            writer.WriteString("invocation"u8, invocation);
        }

        writer.WriteEndObject();
    }

    private static FunctionFault Unreadable() => new(FaultCode.Internal, "the call failed, and its fault cannot be read");
}
