using System.Net;
using System.Text;

using Microsoft.AspNetCore.Http;

using ToolRuntime.OpenApi.Bodies;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.Tests.Integration.OpenApi.Wire;

namespace ToolRuntime.Tests.Integration.OpenApi.Calls;

/// <summary>Fetching documents from where nobody can be trusted.</summary>
public sealed class FetchTests : IAsyncLifetime
{
    private RecordingUpstream _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RecordingUpstream.StartAsync();
        _server.Answer = c => c.Response.WriteAsync("openapi: 3.1.0");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ADocumentComesWithWhereItWasFoundInTheEnd()
    {
        _server.Answer = c =>
        {
            if (c.Request.Path == "/a")
            {
                c.Response.Redirect("/b/openapi.yaml");
                return Task.CompletedTask;
            }

            c.Response.Headers.ETag = "\"1\"";
            return c.Response.WriteAsync("openapi: 3.1.0");
        };
        using var fetcher = Fetcher(["127.0.0.1"]);
        var document = await fetcher.FetchAsync(new Uri(_server.Origin + "/a"), null, CancellationToken.None);
        Assert.Equal(("openapi: 3.1.0", "/b/openapi.yaml", "\"1\""), (Encoding.UTF8.GetString(document.Bytes.Span), document.Location.AbsolutePath, document.ETag));
        Assert.All(_server.Requests, r => Assert.False(r.Headers.ContainsKey("Authorization")));
    }

    [Fact]
    public async Task AnUnchangedDocumentIsNotReadAgain()
    {
        _server.Answer = c =>
        {
            c.Response.StatusCode = c.Request.Headers.IfNoneMatch == "\"1\"" ? 304 : 200;
            return Task.CompletedTask;
        };
        using var fetcher = Fetcher(["127.0.0.1"]);
        Assert.True((await fetcher.FetchAsync(new Uri(_server.Origin), "\"1\"", CancellationToken.None)).IsUnchanged);
    }

    [Theory]
    [InlineData("ftp://example.com/a")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://user:pass@example.com/")]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://[::1]:1/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://[::ffff:10.0.0.1]/")]
    [InlineData("http://localhost:1/")]
    public async Task WhatIsNotOfTheOpenInternetIsRefused(string url)
    {
        using var fetcher = Fetcher([]);
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => fetcher.FetchAsync(new Uri(url), null, CancellationToken.None));
        Assert.Equal(ApiFaultCode.AddressRefused, fault.Fault.Code);
    }

    [Fact]
    public async Task ANameIsResolvedOnceAndItsAddressIsTheOneThatIsUsed()
    {
        // The second answer would be a private address: the name is not asked for again.
        var answers = new Queue<string>(["127.0.0.1", "10.0.0.1"]);
        var asked = 0;
        var connector = new PinnedConnector(AddressPolicy.Allowing(["127.0.0.1"]), (_, _) =>
        {
            asked++;
            return Task.FromResult(new[] { IPAddress.Parse(answers.Dequeue()) });
        });
        using var fetcher = new DocumentFetcher(new FetchOptions(), connector, TimeProvider.System);
        var document = await fetcher.FetchAsync(new Uri(_server.Origin.Replace("127.0.0.1", "rebind.example", StringComparison.Ordinal)), null, CancellationToken.None);
        Assert.Equal(("openapi: 3.1.0", 1), (Encoding.UTF8.GetString(document.Bytes.Span), asked));
    }

    [Fact]
    public async Task ARedirectToAPrivateAddressIsRefused()
    {
        _server.Answer = c =>
        {
            c.Response.Redirect("http://10.0.0.1/");
            return Task.CompletedTask;
        };
        using var fetcher = Fetcher(["127.0.0.1"]);
        Assert.Equal(ApiFaultCode.AddressRefused, (await Assert.ThrowsAsync<ApiFaultException>(() => fetcher.FetchAsync(new Uri(_server.Origin), null, CancellationToken.None))).Fault.Code);
    }

    [Theory]
    [InlineData("<!doctype html><html>", ApiFaultCode.BadResponse)]
    [InlineData("\0\0\0", ApiFaultCode.BadResponse)]
    [InlineData("0123456789012345678901234567890123456789", ApiFaultCode.TooLarge)]
    public async Task WhatIsNoDocumentIsRefused(string body, ApiFaultCode code)
    {
        _server.Answer = c => c.Response.WriteAsync(body);
        using var fetcher = new DocumentFetcher(new FetchOptions { Body = new BodyLimits { MaxBytes = 32 } }, new PinnedConnector(AddressPolicy.Allowing(["127.0.0.1"])), TimeProvider.System);
        Assert.Equal(code, (await Assert.ThrowsAsync<ApiFaultException>(() => fetcher.FetchAsync(new Uri(_server.Origin), null, CancellationToken.None))).Fault.Code);
    }

    [Fact]
    public async Task AStatusOtherThanSuccessAndAHangAreFaults()
    {
        _server.Answer = c =>
        {
            c.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        using var fetcher = new DocumentFetcher(new FetchOptions { Timeout = TimeSpan.FromMilliseconds(300) }, new PinnedConnector(AddressPolicy.Allowing(["127.0.0.1"])), TimeProvider.System);
        Assert.Equal(ApiFaultCode.BadResponse, (await Assert.ThrowsAsync<ApiFaultException>(() => fetcher.FetchAsync(new Uri(_server.Origin), null, CancellationToken.None))).Fault.Code);
        _server.Answer = c => Task.Delay(Timeout.Infinite, c.RequestAborted);
        Assert.Equal(ApiFaultCode.TimedOut, (await Assert.ThrowsAsync<ApiFaultException>(() => fetcher.FetchAsync(new Uri(_server.Origin), null, CancellationToken.None))).Fault.Code);
    }

    private static DocumentFetcher Fetcher(string[] allowed) => new(new FetchOptions(), new PinnedConnector(AddressPolicy.Allowing(allowed)), TimeProvider.System);
}
