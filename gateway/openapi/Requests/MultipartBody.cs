namespace ToolRuntime.OpenApi.Requests;

/// <summary>Several parts, each after its headers (RFC 2046, 5.1; RFC 7578).</summary>
internal sealed class MultipartBody(string boundary, IReadOnlyList<(byte[] Headers, RequestBody Body)> parts) : RequestBody
{
    private readonly byte[] _between = [.. "\r\n--"u8, .. System.Text.Encoding.ASCII.GetBytes(boundary)];

    public override long? Length
    {
        get
        {
            // The first boundary has no line end before it; the last one has two hyphens and a line end after it.
            var length = _between.LongLength - 2 + 4;
            foreach (var (headers, body) in parts)
            {
                if (body.Length is not { } known)
                {
                    return null;
                }

                length += headers.Length + known + _between.Length;
            }

            return parts.Count == 0 ? _between.Length + 2 : length;
        }
    }

    public override async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        await target.WriteAsync(_between.AsMemory(2), cancellationToken);
        foreach (var (headers, body) in parts)
        {
            await target.WriteAsync(headers, cancellationToken);
            await body.WriteAsync(target, cancellationToken);
            await target.WriteAsync(_between, cancellationToken);
        }

        await target.WriteAsync("--\r\n"u8.ToArray(), cancellationToken);
    }
}
