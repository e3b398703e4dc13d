using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Bytes of a resource, read while they are written.</summary>
internal sealed class ResourceBody(ApiResource resource, string argument) : RequestBody
{
    public override long? Length => resource.Length;

    public override async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        await using var source = await resource.OpenAsync(cancellationToken);
        var before = target.CanSeek ? target.Position : 0;
        await source.CopyToAsync(target, cancellationToken);
        if (target.CanSeek && resource.Length is { } length && target.Position - before != length)
        {
            throw ApiFaultException.Argument(argument, "names a resource that is not as long as it was said to be");
        }
    }
}
