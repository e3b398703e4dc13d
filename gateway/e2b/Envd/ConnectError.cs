using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Wire;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Envd;

/// <summary>Errors of the Connect protocol: codes, their HTTP status, and how they are written.</summary>
internal static class ConnectError
{
    public const string InvalidArgument = "invalid_argument";
    public const string NotFound = "not_found";
    public const string AlreadyExists = "already_exists";
    public const string PermissionDenied = "permission_denied";
    public const string ResourceExhausted = "resource_exhausted";
    public const string FailedPrecondition = "failed_precondition";
    public const string DeadlineExceeded = "deadline_exceeded";
    public const string Unimplemented = "unimplemented";
    public const string Unauthenticated = "unauthenticated";
    public const string Internal = "internal";

    /// <summary>Writes the error of a unary call, or of a stream that has not begun.</summary>
    public static Task WriteAsync(HttpContext context, string code, string message)
    {
        // A stream's errors come in its last envelope, under status 200, even where it has nothing else.
        if (context.Request.ContentType?.StartsWith("application/connect+", StringComparison.OrdinalIgnoreCase) == true)
        {
            return new ConnectStream(context).EndAsync(code, message);
        }

        return E2bReply.WriteAsync(context, StatusOf(code), writer => Write(writer, code, message));
    }

    /// <summary>Writes what the agent refused.</summary>
    public static Task WriteAsync(HttpContext context, AgentException error) => WriteAsync(context, CodeOf(error), error.Message);

    /// <summary>The protocol's code of what the agent refused.</summary>
    public static string CodeOf(AgentException error) => error.Code switch
    {
        AgentErrorCode.NotFound => NotFound,
        AgentErrorCode.Exists => AlreadyExists,
        AgentErrorCode.BadRequest or AgentErrorCode.NotFolder or AgentErrorCode.IsFolder => InvalidArgument,
        AgentErrorCode.NoSpace => ResourceExhausted,
        AgentErrorCode.Closed => FailedPrecondition,
        _ when error.Message.Contains("denied", StringComparison.OrdinalIgnoreCase) => PermissionDenied,
        _ => Internal,
    };

    /// <summary>Writes the members of an error.</summary>
    public static void Write(Utf8JsonWriter writer, string code, string message)
    {
        writer.WriteStartObject();
        writer.WriteString("code"u8, code);
        writer.WriteString("message"u8, message);
        writer.WriteEndObject();
    }

    private static int StatusOf(string code) => code switch
    {
        InvalidArgument or FailedPrecondition => StatusCodes.Status400BadRequest,
        Unauthenticated => StatusCodes.Status401Unauthorized,
        PermissionDenied => StatusCodes.Status403Forbidden,
        NotFound => StatusCodes.Status404NotFound,
        AlreadyExists => StatusCodes.Status409Conflict,
        ResourceExhausted => StatusCodes.Status429TooManyRequests,
        Unimplemented => StatusCodes.Status501NotImplemented,
        DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };
}
