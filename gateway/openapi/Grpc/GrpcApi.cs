using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>A gRPC server's operations, with the descriptors that their messages are coded by.</summary>
internal sealed record GrpcApi(GrpcModel Grpc) : ApiModel;
