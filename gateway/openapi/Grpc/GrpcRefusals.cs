namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Why a method of gRPC becomes no tool.</summary>
public static class GrpcRefusals
{
    /// <summary>The client would have to send a stream.</summary>
    public const string ClientStreaming = "grpc_client_streaming";

    /// <summary>Both sides would have to send streams.</summary>
    public const string BidirectionalStreaming = "grpc_bidirectional_streaming";

    /// <summary>The service's description cannot be had or read.</summary>
    public const string ServiceUnreadable = "grpc_service_unreadable";
}
