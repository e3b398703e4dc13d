using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Streams;
using ToolRuntime.Functions;

namespace ToolRuntime.Streams;

/// <summary>Names of streams in requests. The tenant is the caller's, never a part of the name.</summary>
internal static class StreamNames
{
    /// <summary>Where streams are mapped.</summary>
    public const string Prefix = "/v1/streams/";

    /// <summary>The stream that a path names.</summary>
    public static StreamKey Of(Caller caller, string? path)
    {
        var name = path?.Trim('/') ?? "";
        return name.Length is > 0 and <= StreamKey.LongestPath
            ? new StreamKey(caller.Tenant, name)
            : throw new StreamException(StatusCodes.Status400BadRequest, "Wrong name", $"a stream's name is 1 to {StreamKey.LongestPath} characters after {Prefix}");
    }

    /// <summary>The source that a fork names: the path of its address, or its name after a slash.</summary>
    public static StreamKey OfSource(Caller caller, string header)
    {
        var path = Uri.UnescapeDataString(header);
        return Of(caller, path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path);
    }
}
