using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Wire;

/// <summary>Bodies of E2B's protocol: JSON, and <c>{"code","message"}</c> for what failed.</summary>
public static class E2bReply
{
    private const int MaximumBody = 8 * 1024 * 1024;

    /// <summary>How JSON is written.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes a JSON body.</summary>
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            write(writer);
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Writes an empty object.</summary>
    public static Task EmptyAsync(HttpContext context, int status = StatusCodes.Status200OK) => WriteAsync(context, status, static writer =>
    {
        writer.WriteStartObject();
        writer.WriteEndObject();
    });

    /// <summary>Writes an error: the SDKs decide by <c>code</c> in the body.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string message) => WriteAsync(context, status, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("code"u8, status);
        writer.WriteString("message"u8, message);
        writer.WriteEndObject();
    });

    /// <summary>Writes a fault of ours.</summary>
    public static Task ErrorAsync(HttpContext context, FunctionFault fault) =>
        ErrorAsync(context, StatusOf(fault.Code), fault.Hint is null ? fault.Message : $"{fault.Message} ({fault.Hint})");

    /// <summary>What a data plane says of a sandbox that is not there, or of a port that is closed.</summary>
    public static Task GoneAsync(HttpContext context, string sandbox, int? port = null) => GonePage.IsFor(context.Request)
        ? GonePage.WriteAsync(context, StatusCodes.Status502BadGateway, sandbox, port)
        : WriteAsync(context, StatusCodes.Status502BadGateway, writer => WriteGone(writer, sandbox, port));

    /// <summary>Nothing, successfully.</summary>
    public static Task NothingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>Reads a JSON body; what <paramref name="empty"/> says where there is none.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: it is no such JSON, or too large.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, Func<T>? empty = null)
        where T : class
    {
        var body = new ArrayBufferWriter<byte>();
        while (await context.Request.Body.ReadAsync(body.GetMemory(4096), context.RequestAborted) is var read and > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > MaximumBody)
            {
                throw new FunctionFaultException(FaultCode.InvalidArguments, $"the body is larger than {MaximumBody} bytes");
            }
        }

        try
        {
            return body.WrittenCount == 0 && empty is not null ? empty() : JsonSerializer.Deserialize(body.WrittenSpan, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"the body cannot be read: {error.Message}");
        }
    }

    private static void WriteGone(Utf8JsonWriter writer, string sandbox, int? port)
    {
        writer.WriteStartObject();
        writer.WriteString("sandboxId"u8, sandbox);
        writer.WriteString("message"u8, port is null ? "The sandbox was not found" : "The sandbox is running but port is not open");
        writer.WriteNumber("code"u8, StatusCodes.Status502BadGateway);
        if (port is { } closed)
        {
            writer.WriteNumber("port"u8, closed);
        }

        writer.WriteEndObject();
    }

    private static int StatusOf(FaultCode code) => code switch
    {
        FaultCode.InvalidArguments => StatusCodes.Status400BadRequest,
        FaultCode.Denied => StatusCodes.Status403Forbidden,
        FaultCode.SandboxNotFound => StatusCodes.Status404NotFound,
        FaultCode.SandboxConflict => StatusCodes.Status409Conflict,
        FaultCode.QuotaExceeded => StatusCodes.Status429TooManyRequests,
        FaultCode.NotSupported => StatusCodes.Status501NotImplemented,
        FaultCode.PoolExhausted or FaultCode.BusUnavailable or FaultCode.RuntimeLost => StatusCodes.Status503ServiceUnavailable,
        FaultCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };
}
