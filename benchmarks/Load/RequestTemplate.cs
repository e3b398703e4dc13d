using System.Text;

namespace ToolRuntime.Benchmarks.Load;

/// <summary>The bytes of a request with a place for the call's number, always written with as many digits, so that the length stays.</summary>
internal sealed class RequestTemplate
{
    private const string Place = "@N@";
    private const string Digits = "D9";
    private const int FirstNumber = 100_000_000;
    private readonly byte[] _bytes;
    private readonly int _at;

    public RequestTemplate(LoadSpec spec)
    {
        var body = spec.Body.Replace(Place, FirstNumber.ToString(Digits), StringComparison.Ordinal);
        var head = new StringBuilder()
            .Append($"POST {spec.Path} HTTP/1.1\r\nHost: 127.0.0.1:{spec.Port}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n")
            .AppendJoin("", spec.Headers.Select(h => h + "\r\n"))
            .Append($"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n")
            .ToString();
        _bytes = Encoding.UTF8.GetBytes(head + body);
        var place = spec.Body.IndexOf(Place, StringComparison.Ordinal);
        _at = place < 0 ? -1 : Encoding.UTF8.GetByteCount(head + spec.Body[..place]);
    }

    /// <summary>The request of the call <paramref name="count"/>, and its number; the bytes are valid until the next one.</summary>
    public (ReadOnlyMemory<byte> Bytes, long Number) Make(long count)
    {
        var number = FirstNumber + count;
        if (_at >= 0)
        {
            number.TryFormat(_bytes.AsSpan(_at, 9), out _, Digits);
        }

        return (_bytes, number);
    }
}
