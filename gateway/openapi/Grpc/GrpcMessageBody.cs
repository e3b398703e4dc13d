using System.Buffers.Binary;

using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>One message as gRPC frames it: a byte for compression, the length, the bytes.</summary>
internal sealed class GrpcMessageBody(ReadOnlyMemory<byte> message) : RequestBody
{
    public override long? Length => message.Length + 5;

    public override async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        var head = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), message.Length);
        await target.WriteAsync(head, cancellationToken);
        await target.WriteAsync(message, cancellationToken);
    }
}
