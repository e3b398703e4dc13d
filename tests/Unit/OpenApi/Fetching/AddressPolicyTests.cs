using System.Net;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;

namespace ToolRuntime.Tests.Unit.OpenApi.Fetching;

public sealed class AddressPolicyTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.9")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:7f00:1::")]
    [InlineData("::127.0.0.1")]
    [InlineData("2001:db8::1")]
    public void RefusesWhatIsNotOfTheOpenInternet(string address) => Assert.False(AddressPolicy.PublicOnly.Allows("example.com", IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    public void AllowsWhatIs(string address) => Assert.True(AddressPolicy.PublicOnly.Allows("example.com", IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.1.2.3", "other", "10.1.2.3", true)]
    [InlineData("10.1.2.3", "other", "10.1.2.4", false)]
    [InlineData("10.1.0.0/16", "other", "10.1.9.9", true)]
    [InlineData("10.1.0.0/16", "other", "10.2.0.1", false)]
    [InlineData("api.internal", "API.internal", "10.9.9.9", true)]
    [InlineData("api.internal", "api.internal.", "10.9.9.9", true)]
    [InlineData("api.internal", "evil.api.internal", "10.9.9.9", false)]
    [InlineData("[::1]", "x", "::1", true)]
    [InlineData("127.0.0.1", "x", "::ffff:127.0.0.1", true)]
    public void AllowsWhatIsNamed(string allowed, string host, string address, bool expected) =>
        Assert.Equal(expected, AddressPolicy.Allowing([allowed]).Allows(host, IPAddress.Parse(address)));

    [Fact]
    public void NamesEverythingThatIsNoHost()
    {
        var fault = Assert.Throws<ApiFaultException>(() => AddressPolicy.Allowing(["ok.example", "a b", "10.0.0.0/99"]));
        Assert.Contains("a b, 10.0.0.0/99", fault.Message, StringComparison.Ordinal);
    }
}
