using System.Text;

using Microsoft.AspNetCore.Http;

using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.Tests.Integration.OpenApi.Wire;

namespace ToolRuntime.Tests.Integration.OpenApi.Calls;

/// <summary>Credentials as an upstream sees them.</summary>
public sealed class CredentialFlowTests : IAsyncLifetime
{
    private RecordingUpstream _upstream = null!;
    private RecordingUpstream _identity = null!;
    private int _tokens;

    public async ValueTask InitializeAsync()
    {
        (_upstream, _identity) = (await RecordingUpstream.StartAsync(), await RecordingUpstream.StartAsync());
        _identity.Answer = c => c.Response.WriteAsJsonAsync(new { access_token = $"t{Interlocked.Increment(ref _tokens)}", token_type = "Bearer", expires_in = 3600 });
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        await _identity.DisposeAsync();
    }

    [Fact]
    public async Task EachSchemeStandsWhereItBelongs()
    {
        await CallAsync(new() { Kind = ApiSecurityKind.Bearer }, "bearer:env:TOKEN");
        Assert.Equal("Bearer s3cr3t", _upstream.Single().Headers["Authorization"]);
        await CallAsync(new() { Kind = ApiSecurityKind.Basic }, "basic:bob:env:TOKEN");
        Assert.Equal("Basic " + Convert.ToBase64String("bob:s3cr3t"u8), _upstream.Single().Headers["Authorization"]);
        await CallAsync(new() { Kind = ApiSecurityKind.ApiKey, Name = "X-Key" }, "s=apikey:env:TOKEN");
        Assert.Equal("s3cr3t", _upstream.Single().Headers["X-Key"]);
        await CallAsync(new() { Kind = ApiSecurityKind.ApiKey, Name = "sid", Place = ParameterPlace.Cookie }, "apikey:env:TOKEN");
        Assert.Equal("sid=s3cr3t", _upstream.Single().Headers["Cookie"]);
        await CallAsync(new() { Kind = ApiSecurityKind.HttpOther, HttpScheme = "token" }, "bearer:env:TOKEN");
        Assert.Equal("token s3cr3t", _upstream.Single().Headers["Authorization"]);
        await CallAsync(new() { Kind = ApiSecurityKind.ApiKey, Name = "key", Place = ParameterPlace.Query }, "apikey:env:TOKEN", """{"q":1,"key":666}""");
        Assert.Equal("/x?q=1&key=s3cr3t", _upstream.Single().Target);
    }

    [Fact]
    public async Task ASecretThatIsNotThereIsAFaultThatNamesItsPlaceOnly()
    {
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => CallAsync(new() { Kind = ApiSecurityKind.Bearer }, "bearer:env:MISSING"));
        Assert.Equal((ApiFaultCode.NotConfigured, "the secret env:MISSING is not there"), (fault.Fault.Code, fault.Message));
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task HostsThatTheOperatorDoesNotNameGetNoCredential()
    {
        using var bench = Bench(new() { Kind = ApiSecurityKind.Bearer }, CredentialText.Parse(["bearer:env:TOKEN"]) with { Hosts = ["api.example.com"] });
        await bench.SendAsync(bench.Call());
        Assert.False(_upstream.Single().Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task ATokenIsGotOnceForAllAndUsedUntilItEnds()
    {
        using var bench = Bench(OAuth(), CredentialText.Parse(["oauth2:my id:env:TOKEN"]));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => bench.SendAsync(bench.Call())));
        Assert.All(_upstream.Requests, r => Assert.Equal("Bearer t1", r.Headers["Authorization"]));
        var ask = _identity.Single();
        Assert.Equal("grant_type=client_credentials&scope=read+write", Encoding.UTF8.GetString(ask.Body));
        Assert.Equal("Basic " + Convert.ToBase64String("my+id:s3cr3t"u8), ask.Headers["Authorization"]);
    }

    [Fact]
    public async Task ARefusedTokenIsReplacedOnce()
    {
        _upstream.Answer = c =>
        {
            c.Response.StatusCode = c.Request.Headers.Authorization == "Bearer t1" ? 401 : 204;
            return Task.CompletedTask;
        };
        using var bench = Bench(OAuth(), CredentialText.Parse(["oauth2:id:env:TOKEN"]));
        Assert.Equal(204, (await bench.SendAsync(bench.Call())).Status);
        Assert.Equal(["Bearer t1", "Bearer t2"], _upstream.Requests.Select(r => r.Headers["Authorization"]));
        _upstream.Answer = c =>
        {
            c.Response.StatusCode = 401;
            return Task.CompletedTask;
        };
        Assert.Equal(401, (await bench.SendAsync(bench.Call())).Status);
        Assert.Equal(4, _upstream.Requests.Count);
    }

    [Fact]
    public async Task AnEndpointThatWantsTheClientInTheBodyGetsItThere()
    {
        _identity.Answer = c =>
        {
            c.Response.StatusCode = c.Request.Headers.ContainsKey("Authorization") ? 401 : 200;
            return c.Response.StatusCode == 401 ? c.Response.WriteAsJsonAsync(new { error = "invalid_client" }) : c.Response.WriteAsJsonAsync(new { access_token = "t" });
        };
        using var bench = Bench(OAuth(), CredentialText.Parse(["oauth2:id:env:TOKEN"]));
        await bench.SendAsync(bench.Call());
        Assert.Equal("Bearer t", _upstream.Single().Headers["Authorization"]);
        Assert.Contains("client_id=id&client_secret=s3cr3t", Encoding.UTF8.GetString(_identity.Requests.Last().Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARefusedClientIsAFaultWithoutTheSecret()
    {
        _identity.Answer = c =>
        {
            c.Response.StatusCode = 400;
            return c.Response.WriteAsJsonAsync(new { error = "invalid_scope", error_description = "no such scope" });
        };
        using var bench = Bench(OAuth(), CredentialText.Parse(["oauth2:id:env:TOKEN"]));
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call()));
        Assert.Equal(ApiFaultCode.CredentialRefused, fault.Fault.Code);
        Assert.Contains("invalid_scope no such scope", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenIdConnectNamesItsTokenEndpoint()
    {
        _identity.Answer = c => c.Request.Path == "/.well-known/openid-configuration"
            ? c.Response.WriteAsJsonAsync(new { token_endpoint = _identity.Origin + "/token" })
            : c.Response.WriteAsJsonAsync(new { access_token = "oidc" });
        using var bench = Bench(new() { Kind = ApiSecurityKind.OpenIdConnect, OpenIdConnectUrl = _identity.Origin + "/.well-known/openid-configuration" }, CredentialText.Parse(["oauth2:id:env:TOKEN"]));
        await bench.SendAsync(bench.Call());
        Assert.Equal("Bearer oidc", _upstream.Single().Headers["Authorization"]);
    }

    [Fact]
    public async Task EachCallersTokenIsExchangedForOneOfTheirOwn()
    {
        using var bench = Bench(OAuth(), CredentialText.Parse(["exchange:id:env:TOKEN"]));
        foreach (var name in (string[])["ann", "bob", "ann"])
        {
            await bench.SendAsync(bench.Call() with { Caller = new ApiCaller { Subject = name, Token = $"own-{name}" } });
        }

        Assert.Equal(["Bearer t1", "Bearer t2", "Bearer t1"], _upstream.Requests.Select(r => r.Headers["Authorization"]));
        var ask = Encoding.UTF8.GetString(_identity.Requests.First().Body);
        Assert.Contains("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange", ask, StringComparison.Ordinal);
        Assert.Contains("subject_token=own-ann", ask, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call()));
    }

    [Fact]
    public async Task ACallersHeaderIsPassedThroughWhereTheOperatorSaysSo()
    {
        using var bench = Bench(new() { Kind = ApiSecurityKind.Bearer }, CredentialText.Parse(["pass:X-Own"]));
        await bench.SendAsync(bench.Call() with
        {
            Caller = new ApiCaller { Subject = "a", Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["x-own"] = "mine", ["Authorization"] = "other" } },
        });
        var headers = _upstream.Single().Headers;
        Assert.Equal("mine", headers["X-Own"]);
        Assert.False(headers.ContainsKey("Authorization"));
    }

    private ApiSecurityScheme OAuth() => new() { Kind = ApiSecurityKind.OAuth2, HasClientCredentials = true, TokenUrl = _identity.Origin + "/token" };

    private async Task CallAsync(ApiSecurityScheme scheme, string auth, string arguments = "{}")
    {
        using var bench = Bench(scheme, CredentialText.Parse([auth]));
        await bench.SendAsync(bench.Call(arguments));
    }

    private ApiBench Bench(ApiSecurityScheme scheme, ApiCredentials credentials) => new(
        _upstream.Origin, new ApiSourceOptions { Credentials = credentials }, new BenchOperation { Query = ["q", "key"], Schemes = new() { ["s"] = scheme } });
}
