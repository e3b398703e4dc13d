using System.Net;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;

namespace ToolRuntime.Tests.Unit.OpenApi.Fetching;

public sealed class RedirectTests
{
    private static readonly Uri s_from = new("https://a.example/x/y?q=1");

    [Theory]
    [InlineData(301, "GET", "GET", true)]
    [InlineData(301, "POST", "GET", false)]
    [InlineData(302, "POST", "GET", false)]
    [InlineData(302, "PUT", "PUT", true)]
    [InlineData(303, "POST", "GET", false)]
    [InlineData(303, "PUT", "GET", false)]
    [InlineData(303, "HEAD", "HEAD", true)]
    [InlineData(307, "POST", "POST", true)]
    [InlineData(308, "POST", "POST", true)]
    public void MethodAndBodyGoByTheStatus(int status, string method, string next, bool keepsBody)
    {
        var redirect = Redirect.Of((HttpStatusCode)status, method, s_from, "/z")!.Value;
        Assert.Equal((next, keepsBody, true), (redirect.Method, redirect.KeepsBody, redirect.IsSameOrigin));
        Assert.Equal("https://a.example/z", redirect.Url.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://[::1]:8080/a", "http://[::1]:8080")]
    [InlineData("https://b\u00fccher.example/", "https://xn--bcher-kva.example:443")]
    public void AnOriginIsAUrlAgain(string url, string origin)
    {
        Assert.Equal(origin, Redirect.Origin(new Uri(url)));
        Assert.Equal(origin, Redirect.Origin(new Uri(Redirect.Origin(new Uri(url)))));
    }

    [Theory]
    [InlineData("z", "https://a.example/x/z", true)]
    [InlineData("//b.example/z", "https://b.example/z", false)]
    [InlineData("https://a.example:444/", "https://a.example:444/", false)]
    [InlineData("https://A.EXAMPLE/a%2Fb#c", "https://a.example/a%2Fb", true)]
    public void TheTargetIsResolved(string location, string url, bool isSameOrigin)
    {
        var redirect = Redirect.Of(HttpStatusCode.Found, "GET", s_from, location)!.Value;
        Assert.Equal((url, isSameOrigin), (redirect.Url.AbsoluteUri, redirect.IsSameOrigin));
    }

    [Theory]
    [InlineData("http://a.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://user:pass@a.example/")]
    public void SomeTargetsAreRefused(string location) =>
        Assert.Throws<ApiFaultException>(() => Redirect.Of(HttpStatusCode.Found, "GET", s_from, location));

    [Fact]
    public void NoLocationAndOtherStatusesAreNoRedirect()
    {
        Assert.Null(Redirect.Of(HttpStatusCode.Found, "GET", s_from, null));
        Assert.Null(Redirect.Of(HttpStatusCode.NotModified, "GET", s_from, "/z"));
        Assert.Null(Redirect.Of(HttpStatusCode.OK, "GET", s_from, "/z"));
    }
}
