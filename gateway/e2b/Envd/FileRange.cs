using Microsoft.AspNetCore.Http;

namespace ToolRuntime.E2b.Envd;

/// <summary>The one range of bytes that a request asks for.</summary>
/// <param name="First">First byte.</param>
/// <param name="Length">How many.</param>
/// <param name="IsSatisfiable">Whether the file has any of them.</param>
internal readonly record struct FileRange(long First, long Length, bool IsSatisfiable)
{
    /// <summary>The range of a request for a file of <paramref name="size"/> bytes; null where it asks for all, or for several.</summary>
    public static FileRange? Of(HttpRequest request, long size)
    {
        if (request.GetTypedHeaders().Range is not { Unit.Value: "bytes", Ranges.Count: 1 } header)
        {
            return null;
        }

        var range = header.Ranges.First();
        var first = range.From ?? Math.Max(0, size - (range.To ?? 0));
        var last = range.From is null ? size - 1 : Math.Min(range.To ?? (size - 1), size - 1);
        return first > last ? new FileRange(0, 0, false) : new FileRange(first, last - first + 1, true);
    }
}
