namespace ToolRuntime.OpenApi.Requests;

/// <summary>Bytes that are there.</summary>
internal sealed class BytesBody(ReadOnlyMemory<byte> bytes) : RequestBody
{
    public override long? Length => bytes.Length;

    public override Task WriteAsync(Stream target, CancellationToken cancellationToken) => target.WriteAsync(bytes, cancellationToken).AsTask();
}
