using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Agent.Egress;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Unit.Agent;

/// <summary>What programs in a sandbox say to its proxies.</summary>
public sealed class ProxyTests
{
    [Fact]
    public void APlainRequestBecomesOneOfItsServer()
    {
        var request = Read("POST http://Example.org:8080/a/b?c=d HTTP/1.1\r\nHost: other\r\nProxy-Authorization: Basic x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: 12\r\nX-Kept:  2 \r\n\r\n");

        Assert.Equal(("Example.org", 8080, "POST", "/a/b?c=d", 12L), (request.Host, request.Port, request.Method, request.Path, request.Body));
        Assert.Equal("POST /a/b?c=d HTTP/1.1\r\nHost: Example.org:8080\r\nContent-Length: 12\r\nX-Kept: 2\r\nConnection: close\r\n\r\n", Encoding.Latin1.GetString(request.Forward!));
    }

    [Theory]
    [InlineData("CONNECT example.org:443 HTTP/1.1\r\n\r\n", "example.org", 443, null)]
    [InlineData("CONNECT [2001:db8::1]:22 HTTP/1.1\r\nHost: x\r\n\r\n", "2001:db8::1", 22, null)]
    [InlineData("GET http://10.0.0.1 HTTP/1.0\r\n\r\n", "10.0.0.1", 80, "/")]
    [InlineData("GET HTTP://[::1]?q HTTP/1.1\r\n\r\n", "::1", 80, "/?q")]
    public void TheTargetIsWhatTheFirstLineSays(string head, string host, int port, string? path)
    {
        var request = Read(head);

        Assert.Equal((host, port, path), (request.Host, request.Port, request.Path));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET https://example.org/ HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://user@example.org/ HTTP/1.1\r\n\r\n")]
    [InlineData("GET http:///x HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://a/#b HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/2\r\n\r\n")]
    [InlineData("GET  http://a/ HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT example.org HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT ::1:443 HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT [a]:443 HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nA: b\r\n folded\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nA : b\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nA: b\nC: d\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    public void WhatIsNotClearIsRefused(string head) => Assert.Equal(400, Assert.Throws<ProxyException>(() => Read(head)).Status);

    [Fact]
    public void TheLengthOfABodyIsNeverDropped() =>
        Assert.Contains("Content-Length: 3", Encoding.Latin1.GetString(Read("GET http://a/ HTTP/1.1\r\nConnection: Content-Length\r\nContent-Length: 3\r\n\r\n").Forward!), StringComparison.Ordinal);

    [Fact]
    public void AnyHeadIsReadOrRefused()
    {
        var pieces = Gen.OneOf(
            Gen.Elements("GET ", "CONNECT ", "http://", "a", ":80", "/", "?", " HTTP/1.1", "\r\n", "Host: b", "Content-Length: ", "9", "[", "]", "::1", " ", "\n", "\0"),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get));
        var heads = from count in Gen.Choose(0, 12) from parts in pieces.ArrayOf(count) select string.Concat(parts) + "\r\n\r\n";
        Prop.ForAll(heads.ToArbitrary(), head =>
        {
            try
            {
                var request = Read(head);
                var kind = request.Method is null ? EgressKind.Connect : EgressKind.Http;
                var forward = request.Forward is { } bytes ? Encoding.Latin1.GetString(bytes) : "\r\n\r\n";
                return new EgressRequest(AgentOperation.Egress, kind, request.Host, request.Port, request.Method, request.Path).IsValid
                    && forward.IndexOf("\r\n\r\n", StringComparison.Ordinal) == forward.Length - 4;
            }
            catch (ProxyException refused)
            {
                return refused.Status == 400;
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("05 01 00  05 01 00 01 0a 00 00 01 00 50", "10.0.0.1", 80)]
    [InlineData("05 02 02 00  05 01 00 03 03 61 2e 62 01 bb", "a.b", 443)]
    [InlineData("05 01 00  05 01 00 04 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 00 16", "2001:db8::1", 22)]
    public void SocksSaysWhere(string bytes, string host, int port)
    {
        List<byte> sent = [];

        Assert.Equal((host, port), SocksHandshake.Read(Source(Bytes(bytes)), sent.AddRange));
        Assert.Equal([5, 0], sent);
    }

    [Theory]
    [InlineData("04 01 00 50", 0)]
    [InlineData("05 01 02", 0)]
    [InlineData("05 01 00  05 02 00 01", 7)]
    [InlineData("05 01 00  05 01 00 09", 8)]
    [InlineData("05 01 00  05 01 00 03 01 20 00 50", 8)]
    [InlineData("05 01 00  05 01 00 01 0a 00 00 01 00 00", 8)]
    public void WhatSocksCannotGiveHasItsReply(string bytes, int status) =>
        Assert.Equal(status, Assert.Throws<ProxyException>(() => SocksHandshake.Read(Source(Bytes(bytes)), _ => { })).Status);

    [Fact]
    public void AnyHandshakeIsReadOrRefused() => Prop.ForAll<byte[]>(bytes =>
    {
        try
        {
            return EgressRequest.IsHost(SocksHandshake.Read(Source([5, 1, 0, 5, 1, 0, .. bytes]), _ => { }).Host);
        }
        catch (Exception error) when (error is ProxyException or EndOfStreamException)
        {
            return true;
        }
    }).QuickCheckThrowOnFailure();

    private static ProxyRequest Read(string head) => ProxyHead.Read(Encoding.Latin1.GetBytes(head));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static Func<int, byte[]> Source(byte[] bytes)
    {
        var at = 0;
        return count =>
        {
            at += count;
            return at <= bytes.Length ? bytes[(at - count)..at] : throw new EndOfStreamException();
        };
    }
}
