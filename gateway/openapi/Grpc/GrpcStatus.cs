using System.Net.Http.Headers;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>How a call ended.</summary>
/// <param name="Code">0 for success; 1 to 16 as gRPC has them.</param>
/// <param name="Message">What the server says.</param>
public readonly record struct GrpcStatus(int Code, string Message)
{
    private static readonly string[] s_names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>The method is not there.</summary>
    public const int Unimplemented = 12;

    /// <summary>The code's name.</summary>
    public string Name => Code >= 0 && Code < s_names.Length ? s_names[Code] : $"CODE_{Code}";

    /// <summary>The status in trailers, or in headers where there is no body; null where neither has one.</summary>
    internal static GrpcStatus? Of(HttpHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("grpc-status", out var status) || !int.TryParse(status.ToString(), out var code))
        {
            return null;
        }

        return new(code, headers.NonValidated.TryGetValues("grpc-message", out var message) ? Uri.UnescapeDataString(message.ToString()) : "");
    }
}
