using System.IO.Compression;
using System.Text;

using ToolRuntime.OpenApi.Bodies;
using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.OpenApi.Upstream;

namespace ToolRuntime.Tests.Integration.OpenApi.Calls;

/// <summary>Upstreams that hang, drip, lie and flood: each a clear fault, in time, and nothing else affected.</summary>
public sealed class HostileUpstreamTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    private static readonly UpstreamOptions s_patient = new() { MaxRetries = 0, Timeout = TimeSpan.FromSeconds(60), MaxHeaderKilobytes = 8 };

    private static readonly UpstreamOptions s_hasty = s_patient with { Timeout = TimeSpan.FromMilliseconds(900), FirstByteTimeout = TimeSpan.FromMilliseconds(600) };

    [Fact]
    public Task AnAnswerThatNeverComes() => AssertAsync(HangAsync, ApiFaultCode.TimedOut);

    [Fact]
    public Task ABodyThatNeverComes() => AssertAsync(After(Ok + "Content-Length: 5\r\n\r\n", HangAsync), ApiFaultCode.TimedOut);

    [Fact]
    public Task HeadersThatDrip() => AssertAsync(After("HTTP/1.1 200 OK\r\n", (s, e) => DripAsync(s, "X-A: 1\r\n", e)), ApiFaultCode.TimedOut);

    [Fact]
    public Task ABodyThatDrips() => AssertAsync(After(Ok + "Content-Length: 1000000\r\n\r\n", (s, e) => DripAsync(s, "x", e)), ApiFaultCode.TimedOut);

    [Fact]
    public Task ALengthThatIsTooLarge() => AssertAsync(After(Ok + "Content-Length: 50\r\n\r\n{}", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task ALengthThatIsNone() => AssertAsync(After(Ok + "Content-Length: -7\r\n\r\n{}", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task ChunksThatEndTooEarly() => AssertAsync(After(Ok + "Transfer-Encoding: chunked\r\n\r\n50\r\n{}", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task ChunksThatAreNone() => AssertAsync(After(Ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task NoHttpAtAll() => AssertAsync(After("SSH-2.0-OpenSSH_9.2\r\n", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task NothingButTheEnd() => AssertAsync((_, _) => Task.CompletedTask, ApiFaultCode.BadResponse);

    [Fact]
    public Task AFloodOfHeaders() => AssertAsync(After("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"X-{i}: {i}\r\n")) + "\r\n", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task OneHeaderWithoutEnd() => AssertAsync(After("HTTP/1.1 200 OK\r\nX: ", (s, e) => FloodAsync(s, e)), ApiFaultCode.BadResponse);

    [Fact]
    public Task ABodyWithoutEnd() => AssertAsync(After(Ok + "\r\n", (s, e) => FloodAsync(s, e)), ApiFaultCode.TooLarge);

    [Fact]
    public Task ALengthBeyondTheBoundIsNotEvenRead() => AssertAsync(After(Ok + "Content-Length: 99999999999\r\n\r\n", HangAsync), ApiFaultCode.TooLarge);

    [Theory]
    [InlineData("gzip", ApiFaultCode.TooLarge)]
    [InlineData("br", ApiFaultCode.TooLarge)]
    [InlineData("deflate", ApiFaultCode.TooLarge)]
    public Task CompressedBombs(string encoding, ApiFaultCode code)
    {
        // Within the bound on bytes, so that it is the ratio that stops it.
        var bomb = Compress(new byte[3_000_000], encoding);
        return AssertAsync(Bytes($"{Ok}Content-Encoding: {encoding}\r\nContent-Length: {bomb.Length}\r\n\r\n", bomb), code);
    }

    [Fact]
    public Task ABombInABomb()
    {
        var bomb = Compress(Compress(new byte[20_000_000], "gzip"), "gzip");
        return AssertAsync(Bytes($"{Ok}Content-Encoding: gzip, gzip\r\nContent-Length: {bomb.Length}\r\n\r\n", bomb), ApiFaultCode.TooLarge);
    }

    [Fact]
    public Task CompressionOverAndOver() => AssertAsync(After(Ok + "Content-Encoding: gzip, gzip, gzip\r\nContent-Length: 2\r\n\r\n{}", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task CompressionThatNobodyAskedFor() => AssertAsync(After(Ok + "Content-Encoding: zstd\r\nContent-Length: 2\r\n\r\n{}", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task CompressionThatIsNone() => AssertAsync(After(Ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", null), ApiFaultCode.BadResponse);

    [Fact]
    public Task CompressionThatIsCutOff()
    {
        var half = Compress(Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 5000))), "gzip")[..2000];
        return AssertAsync(Bytes($"{Ok}Content-Encoding: gzip\r\nContent-Length: {half.Length}\r\n\r\n", half), ApiFaultCode.BadResponse);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1/")]
    public Task ARedirectToNowhere(string location) => AssertAsync(
        After($"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n", null),
        location.StartsWith("http:", StringComparison.Ordinal) ? ApiFaultCode.Unreachable : ApiFaultCode.BadResponse);

    [Fact]
    public async Task AStreamThatNeverEndsGivesWhatCame()
    {
        await using var upstream = new RawUpstream(After("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\ndata: 2\n\n", HangAsync));
        using var bench = new ApiBench(upstream.Origin, new ApiSourceOptions { Upstream = s_hasty });
        var result = await bench.TextAsync();
        Assert.Contains("\"value\":[1,2]", result, StringComparison.Ordinal);
        Assert.Contains("did not end in time", result, StringComparison.Ordinal);
    }

    [Fact]
    public Task AnItemWithoutEnd() => AssertAsync(After("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n", (s, e) => FloodAsync(s, e)), ApiFaultCode.TooLarge);

    [Fact]
    public async Task AnErrorThatDripsIsStillAnError()
    {
        await using var upstream = new RawUpstream(After("HTTP/1.1 500 Oh\r\nContent-Length: 50\r\n\r\nab", HangAsync));
        using var bench = new ApiBench(upstream.Origin, new ApiSourceOptions { Upstream = s_hasty });
        var result = await bench.SendAsync(bench.Call());
        Assert.True(result.IsError);
        Assert.Contains("HTTP 500 Oh", Encoding.UTF8.GetString(result.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHangingUpstreamDoesNotHoldAnother()
    {
        await using var hanging = new RawUpstream(HangAsync);
        await using var healthy = new RawUpstream(After(Ok + "Content-Length: 3\r\n\r\n[1]", null));
        using var first = new ApiBench(hanging.Origin, new ApiSourceOptions { Upstream = s_hasty });
        using var second = new ApiBench(healthy.Origin);
        var waiting = Assert.ThrowsAsync<ApiFaultException>(() => first.SendAsync(first.Call()));
        Assert.Equal("""{"value":[1]}""", await second.TextAsync());
        Assert.Equal(ApiFaultCode.TimedOut, (await waiting).Fault.Code);
    }

    [Theory]
    [InlineData("POST", 2)]
    [InlineData("PATCH", 2)]
    [InlineData("GET", 3)]
    public async Task AConnectionThatEndsAfterARequestGetsItAgainOnlyWhereThatDoesNoHarm(string method, int requests)
    {
        var count = 0;
        await using var upstream = new RawUpstream(async (stream, end) =>
        {
            // The first of a connection is answered; what comes after it is read, and nothing more.
            Interlocked.Increment(ref count);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Ok + "Content-Length: 3\r\n\r\n[1]"), end);
            if (await stream.ReadAsync(new byte[4096], end) > 0)
            {
                Interlocked.Increment(ref count);
            }
        });
        using var bench = new ApiBench(upstream.Origin, operation: new BenchOperation { Method = method });

        await bench.SendAsync(bench.Call());
        var second = await Record.ExceptionAsync(() => bench.SendAsync(bench.Call()));

        Assert.Equal(requests, count);
        Assert.Equal(requests == 2, second is ApiFaultException { Fault.Code: ApiFaultCode.BadResponse });
    }

    private static async Task AssertAsync(Func<Stream, CancellationToken, Task> answer, ApiFaultCode code)
    {
        await using var upstream = new RawUpstream(answer);
        using var bench = new ApiBench(upstream.Origin, new ApiSourceOptions
        {
            Upstream = code == ApiFaultCode.TimedOut ? s_hasty : s_patient,
            Responses = new ResponseOptions { Body = new BodyLimits { MaxBytes = 3_500_000 } },
        });
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call()));
        Assert.Equal(code, fault.Fault.Code);
        Assert.Contains("127.0.0.1", fault.Message, StringComparison.Ordinal);
    }

    private static Func<Stream, CancellationToken, Task> After(string head, Func<Stream, CancellationToken, Task>? then) => async (stream, end) =>
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), end);
        await (then?.Invoke(stream, end) ?? Task.CompletedTask);
    };

    private static Func<Stream, CancellationToken, Task> Bytes(string head, byte[] body) => After(head, (s, e) => s.WriteAsync(body, e).AsTask());

    private static Task HangAsync(Stream stream, CancellationToken end) => Task.Delay(Timeout.Infinite, end);

    private static async Task DripAsync(Stream stream, string drop, CancellationToken end)
    {
        while (true)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(drop), end);
            await Task.Delay(20, end);
        }
    }

    private static async Task FloodAsync(Stream stream, CancellationToken end)
    {
        var flood = new byte[64 * 1024];
        flood.AsSpan().Fill((byte)'x');
        while (true)
        {
            await stream.WriteAsync(flood, end);
        }
    }

    private static byte[] Compress(byte[] bytes, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(compressed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(compressed, CompressionLevel.Optimal),
            _ => new GZipStream(compressed, CompressionLevel.Optimal),
        })
        {
            stream.Write(bytes);
        }

        return compressed.ToArray();
    }
}
