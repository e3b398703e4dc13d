using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Runtime.Egress;
using ToolRuntime.Runtime.Egress.Http;

namespace ToolRuntime.Tests.Unit.Runtime.Egress;

public sealed class RequestHeadTests
{
    [Fact]
    public void ARequestGoesOutInOriginFormForOneHostAndOnce()
    {
        var head = Parse("GET http://other.example/a?b=1 HTTP/1.1\r\nHost: evil.example\r\nProxy-Connection: keep-alive\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\nAccept: */*\r\n\r\n");
        Assert.Equal(
            "GET /a?b=1 HTTP/1.1\r\nHost: api.example:8080\r\nAccept: */*\r\nConnection: close\r\n\r\n",
            Encoding.Latin1.GetString(head.Encode("api.example:8080", EgressPolicy.NoHeaders)));
    }

    [Fact]
    public void AddedHeadersTakeThePlaceOfTheSandboxsOwn()
    {
        var head = Parse("GET / HTTP/1.1\r\nauthorization: mine\r\nAUTHORIZATION: too\r\n\r\n");
        var added = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = "Bearer theirs" };
        Assert.Equal("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer theirs\r\nConnection: close\r\n\r\n", Encoding.Latin1.GetString(head.Encode("h", added)));
    }

    [Theory]
    [InlineData("GET http://h HTTP/1.1", "/")]
    [InlineData("GET http://h?x HTTP/1.1", "/?x")]
    [InlineData("GET https://h:1/p HTTP/1.0", "/p")]
    [InlineData("OPTIONS * HTTP/1.1", "*")]
    [InlineData("GET //evil/x HTTP/1.1", "//evil/x")]
    public void TargetsGetTheirOriginForm(string line, string target) => Assert.Equal(target, Parse(line + "\r\n\r\n").Target);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: +3\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nA: b\rB: c\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nA: b\0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nnothing\r\n\r\n")]
    [InlineData("GET / HTTP/2.0\r\n\r\n")]
    [InlineData("GET /\r\n\r\n")]
    [InlineData("GET  / HTTP/1.1\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\n\r\n")]
    [InlineData("GET /a#b HTTP/1.1\r\n\r\n")]
    [InlineData("GET ftp://h/ HTTP/1.1\r\n\r\n")]
    [InlineData("GET h:80 HTTP/1.1\r\n\r\n")]
    [InlineData("G(T / HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT h:443 HTTP/1.1\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    public void WhatTwoServersMightReadInTwoWaysIsRefused(string text) => Assert.Throws<EgressFailedException>(() => Parse(text));

    [Fact]
    public void AnyBytesAreARequestOrRefused() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        try
        {
            var encoded = RequestHead.Parse(bytes).Encode("h", EgressPolicy.NoHeaders);
            return RequestHead.Parse(encoded).Target.Length > 0;
        }
        catch (EgressFailedException)
        {
            return true;
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void WhateverIsReadIsReadAgainAlike()
    {
        var piece = Gen.Elements("GET", " ", "/", "HTTP/1.1", "\r\n", "\n", "\r", ":", "Content-Length", "Transfer-Encoding", "chunked", "3", ",", "Host", "a", "\0", "http://", "Connection", "Upgrade", "websocket", "\t");
        Prop.ForAll(piece.ListOf().Select(p => string.Concat(p)).ToArbitrary(), text =>
        {
            try
            {
                var head = Parse($"GET / HTTP/1.1\r\n{text}\r\n\r\n");
                var again = RequestHead.Parse(head.Encode("h", EgressPolicy.NoHeaders));
                return again.Length == head.Length && again.Method == head.Method && again.Target == head.Target && again.Upgrade == head.Upgrade;
            }
            catch (EgressFailedException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Theory]
    [InlineData("3\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")]
    [InlineData("0003\r\nabc\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n")]
    public async Task ChunksAreMadeAnewAndNothingFollowsThem(string body, string expected) => Assert.Equal(expected, await CopyAsync(null, body));

    [Theory]
    [InlineData("x\r\nabc\r\n0\r\n\r\n")]
    [InlineData("-1\r\nabc\r\n0\r\n\r\n")]
    [InlineData(" 3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("0x3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("3\r\nabcd\r\n0\r\n\r\n")]
    [InlineData("3\nabc\r\n0\r\n\r\n")]
    [InlineData("3\r\nab")]
    [InlineData("ffffffffffffffff\r\n")]
    [InlineData("\r\n")]
    [InlineData("")]
    public async Task ChunksThatAreNoneAreRefused(string body) => await Assert.ThrowsAsync<EgressFailedException>(() => CopyAsync(null, body));

    [Fact]
    public async Task NothingFollowsABodyOfAnnouncedLength() => Assert.Equal("abc", await CopyAsync(3, "abcGET /admin HTTP/1.1\r\n\r\n"));

    [Fact]
    public async Task ABodyThatIsShorterThanAnnouncedIsRefused() => await Assert.ThrowsAsync<EgressFailedException>(() => CopyAsync(4, "abc"));

    [Fact]
    public async Task AHeadIsBounded()
    {
        var input = new BufferedInput(new MemoryStream(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nA: " + new string('a', RequestHead.Largest) + "\r\n\r\n")));
        var refused = await Assert.ThrowsAsync<EgressFailedException>(() => input.ReadHeadAsync(RequestHead.Largest, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(431, refused.Status);
    }

    [Fact]
    public void AHeadHasABoundedNumberOfHeaders() =>
        Assert.Equal(431, Assert.Throws<EgressFailedException>(() => Parse("GET / HTTP/1.1\r\n" + string.Concat(Enumerable.Repeat("A: b\r\n", 300)) + "\r\n")).Status);

    private static RequestHead Parse(string text) => RequestHead.Parse(Encoding.Latin1.GetBytes(text));

    private static async Task<string> CopyAsync(long? length, string body)
    {
        var head = Parse("POST / HTTP/1.1\r\n\r\n") with { Length = length };
        using var to = new MemoryStream();
        await RequestBody.CopyAsync(head, new BufferedInput(new MemoryStream(Encoding.ASCII.GetBytes(body))), to, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(to.ToArray());
    }
}
