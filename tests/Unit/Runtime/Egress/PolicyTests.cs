using System.Net;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;

namespace ToolRuntime.Tests.Unit.Runtime.Egress;

/// <summary>What may go out: the table of the rules. A row is allow | deny, host, port, the host's addresses, and the outcome.</summary>
public sealed class PolicyTests
{
    [Theory]
    // Nothing by default.
    [InlineData("|", "example.com", 443, "93.184.216.34", false)]
    [InlineData("|", "8.8.8.8", 53, "8.8.8.8", false)]
    [InlineData("|", "localhost", 80, "127.0.0.1", false)]
    [InlineData("|", "2001:4860:4860::8888", 443, "2001:4860:4860::8888", false)]
    // Names.
    [InlineData("example.com|", "example.com", 443, "93.184.216.34", true)]
    [InlineData("example.com|", "EXAMPLE.com", 443, "93.184.216.34", true)]
    [InlineData("Example.COM|", "example.com", 443, "93.184.216.34", true)]
    [InlineData("example.com|", "example.com.", 443, "93.184.216.34", true)]
    [InlineData("example.com.|", "example.com", 443, "93.184.216.34", true)]
    [InlineData("example.com|", "example.com..", 443, "93.184.216.34", false)]
    [InlineData("example.com|", "www.example.com", 443, "93.184.216.34", false)]
    [InlineData("example.com|", "badexample.com", 443, "93.184.216.34", false)]
    [InlineData("example.com|", "example.com.evil.net", 443, "93.184.216.34", false)]
    [InlineData("example.com|", "93.184.216.34", 443, "93.184.216.34", false)]
    [InlineData("*.example.com|", "a.example.com", 443, "93.184.216.34", true)]
    [InlineData("*.example.com|", "a.b.example.com", 443, "93.184.216.34", true)]
    [InlineData("*.example.com|", "example.com", 443, "93.184.216.34", false)]
    [InlineData("*.example.com|", "aexample.com", 443, "93.184.216.34", false)]
    [InlineData("*.example.com|", "example.com.evil.net", 443, "93.184.216.34", false)]
    [InlineData("*|", "anything.org", 443, "93.184.216.34", true)]
    [InlineData("*|", "93.184.216.34", 443, "93.184.216.34", false)]
    [InlineData("bücher.example|", "xn--bcher-kva.example", 443, "93.184.216.34", true)]
    [InlineData("xn--bcher-kva.example|", "bücher.example", 443, "93.184.216.34", true)]
    [InlineData("*.bücher.example|", "www.xn--bcher-kva.example", 443, "93.184.216.34", true)]
    // Ports.
    [InlineData("example.com:443|", "example.com", 443, "93.184.216.34", true)]
    [InlineData("example.com:443|", "example.com", 80, "93.184.216.34", false)]
    [InlineData("*.example.com:8443|", "a.example.com", 8443, "93.184.216.34", true)]
    [InlineData("*.example.com:8443|", "a.example.com", 443, "93.184.216.34", false)]
    [InlineData("127.0.0.1:8000|", "127.0.0.1", 8000, "127.0.0.1", true)]
    [InlineData("127.0.0.1:8000|", "127.0.0.1", 8001, "127.0.0.1", false)]
    [InlineData("[::1]:8000|", "::1", 8000, "::1", true)]
    [InlineData("[::1]:8000|", "::1", 22, "::1", false)]
    [InlineData("10.0.0.0/8:5432|", "10.1.1.1", 5432, "10.1.1.1", true)]
    [InlineData("10.0.0.0/8:5432|", "10.1.1.1", 22, "10.1.1.1", false)]
    // Addresses and networks.
    [InlineData("93.184.216.34|", "93.184.216.34", 443, "93.184.216.34", true)]
    [InlineData("93.184.216.0/24|", "93.184.216.34", 443, "93.184.216.34", true)]
    [InlineData("93.184.216.0/24|", "93.184.217.1", 443, "93.184.217.1", false)]
    [InlineData("93.184.216.0/24|", "example.com", 443, "93.184.216.34", true)]
    [InlineData("0.0.0.0/0|", "8.8.8.8", 53, "8.8.8.8", true)]
    [InlineData("0.0.0.0/0|", "example.com", 443, "93.184.216.34", true)]
    [InlineData("0.0.0.0/0|", "2001:4860:4860::8888", 443, "2001:4860:4860::8888", false)]
    [InlineData("::/0|", "2001:4860:4860::8888", 443, "2001:4860:4860::8888", true)]
    [InlineData("2001:4860::/32|", "2001:4860:4860::8888", 443, "2001:4860:4860::8888", true)]
    // Private and reserved addresses, unless they are meant.
    [InlineData("0.0.0.0/0|", "127.0.0.1", 80, "127.0.0.1", false)]
    [InlineData("0.0.0.0/0|", "10.0.0.1", 80, "10.0.0.1", false)]
    [InlineData("0.0.0.0/0|", "169.254.169.254", 80, "169.254.169.254", false)]
    [InlineData("0.0.0.0/0|", "100.100.100.200", 80, "100.100.100.200", false)]
    [InlineData("0.0.0.0/0|", "168.63.129.16", 80, "168.63.129.16", false)]
    [InlineData("0.0.0.0/0|", "224.0.0.1", 80, "224.0.0.1", false)]
    [InlineData("0.0.0.0/0|", "255.255.255.255", 80, "255.255.255.255", false)]
    [InlineData("0.0.0.0/0|", "rebind.example", 80, "192.168.0.1", false)]
    [InlineData("::/0|", "fd00:ec2::254", 80, "fd00:ec2::254", false)]
    [InlineData("::/0|", "fe80::1", 80, "fe80::1", false)]
    [InlineData("::/0|", "ff02::1", 80, "ff02::1", false)]
    [InlineData("::/0|", "64:ff9b::a9fe:a9fe", 80, "64:ff9b::a9fe:a9fe", false)]
    [InlineData("::/0|", "2002:7f00:1::", 80, "2002:7f00:1::", false)]
    [InlineData("64.0.0.0/2|", "127.0.0.1", 80, "127.0.0.1", false)]
    [InlineData("10.1.0.0/16|", "10.1.2.3", 80, "10.1.2.3", true)]
    [InlineData("10.1.0.0/16|", "10.2.2.3", 80, "10.2.2.3", false)]
    [InlineData("10.1.0.0/16|", "db.example", 80, "10.1.2.3", true)]
    [InlineData("127.0.0.1|", "127.0.0.1", 80, "127.0.0.1", true)]
    [InlineData("169.254.169.254|", "169.254.169.254", 80, "169.254.169.254", true)]
    [InlineData("169.254.0.0/16|", "169.254.169.254", 80, "169.254.169.254", true)]
    [InlineData("db.internal|", "db.internal", 5432, "10.1.2.3", true)]
    [InlineData("db.internal|", "db.internal", 5432, "fd12::3", true)]
    [InlineData("*.internal|", "db.internal", 5432, "10.1.2.3", false)]
    [InlineData("*|", "db.internal", 5432, "10.1.2.3", false)]
    [InlineData("api.example|", "api.example", 80, "169.254.169.254", false)]
    [InlineData("api.example|", "api.example", 80, "127.0.0.1", false)]
    [InlineData("api.example|", "api.example", 80, "fd00:ec2::254", false)]
    [InlineData("api.example|", "api.example", 80, "0.0.0.0", false)]
    [InlineData("localhost|", "localhost", 80, "127.0.0.1", true)]
    [InlineData("localhost|", "localhost", 80, "::1", true)]
    [InlineData("app.localhost|", "app.localhost", 80, "127.0.0.1", true)]
    [InlineData("localhost|", "localhost", 80, "169.254.169.254", false)]
    // One address in many spellings.
    [InlineData("127.0.0.1|", "2130706433", 80, "127.0.0.1", true)]
    [InlineData("0.0.0.0/0|", "2130706433", 80, "127.0.0.1", false)]
    [InlineData("0.0.0.0/0|", "0x7f000001", 80, "127.0.0.1", false)]
    [InlineData("0.0.0.0/0|", "0177.0.0.1", 80, "127.0.0.1", false)]
    [InlineData("0.0.0.0/0|", "127.1", 80, "127.0.0.1", false)]
    [InlineData("0.0.0.0/0|", "0xa9.0xfe.0xa9.0xfe", 80, "169.254.169.254", false)]
    [InlineData("::/0|", "::ffff:127.0.0.1", 80, "::ffff:127.0.0.1", false)]
    [InlineData("127.0.0.1|", "::ffff:127.0.0.1", 80, "::ffff:127.0.0.1", true)]
    [InlineData("::ffff:10.0.0.0/104|", "10.0.0.1", 80, "10.0.0.1", true)]
    [InlineData("0.0.0.0/0|", "256.1.1.1", 80, "93.184.216.34", false)]
    [InlineData("0.0.0.0/0|", "1.2.3.4.5", 80, "93.184.216.34", false)]
    [InlineData("0.0.0.0/0|", "host.0x1g", 80, "93.184.216.34", true)]
    [InlineData("0.0.0.0/0|", "ex ample.com", 80, "93.184.216.34", false)]
    [InlineData("0.0.0.0/0|", "", 80, "93.184.216.34", false)]
    [InlineData("0.0.0.0/0|", ".", 80, "93.184.216.34", false)]
    [InlineData("0.0.0.0/0|", "a..b", 80, "93.184.216.34", false)]
    // Allow wins over deny.
    [InlineData("example.com|0.0.0.0/0", "example.com", 443, "93.184.216.34", true)]
    [InlineData("example.com|0.0.0.0/0", "other.com", 443, "93.184.216.35", false)]
    [InlineData("example.com|example.com", "example.com", 443, "93.184.216.34", true)]
    [InlineData("8.8.8.8|8.8.8.0/24", "8.8.8.8", 53, "8.8.8.8", true)]
    [InlineData("8.8.8.8|8.8.8.0/24", "8.8.8.9", 53, "8.8.8.9", false)]
    // What cannot be read closes all.
    [InlineData("example.com,exa mple|", "example.com", 443, "93.184.216.34", false)]
    [InlineData("example.com|10.0.0.0/99", "example.com", 443, "93.184.216.34", false)]
    [InlineData("example.com:0|", "example.com", 443, "93.184.216.34", false)]
    [InlineData("example.com:70000|", "example.com", 443, "93.184.216.34", false)]
    public void TheListsDecide(string lists, string host, int port, string address, bool expected) =>
        Assert.Equal(expected, Decide(Rules(lists, rest: false), host, port, address));

    [Theory]
    [InlineData("|", "example.com", "93.184.216.34", true)]
    [InlineData("|", "example.com", "10.0.0.1", false)]
    [InlineData("|", "169.254.169.254", "169.254.169.254", false)]
    [InlineData("|evil.com", "evil.com", "93.184.216.34", false)]
    [InlineData("|evil.com", "EVIL.com.", "93.184.216.34", false)]
    [InlineData("|*.evil.com", "a.evil.com", "93.184.216.34", false)]
    [InlineData("|*.evil.com", "evil.com", "93.184.216.34", true)]
    [InlineData("|93.184.0.0/16", "example.com", "93.184.216.34", false)]
    [InlineData("|93.184.0.0/16", "93.184.216.34", "93.184.216.34", false)]
    [InlineData("|0.0.0.0/0", "example.com", "93.184.216.34", false)]
    [InlineData("a.evil.com|*.evil.com", "a.evil.com", "93.184.216.34", true)]
    [InlineData("10.0.0.1|", "10.0.0.1", "10.0.0.1", true)]
    public void TheRestIsAllowedOnlyWhereItIsPublicAndNotDenied(string lists, string host, string address, bool expected) =>
        Assert.Equal(expected, Decide(Rules(lists, rest: true), host, 443, address));

    [Fact]
    public void OnlyTheAddressesThatMayAreConnectedTo()
    {
        var policy = EgressPolicy.Of(Rules("example.com|", rest: false), []);
        var verdict = policy.Decide(Target("example.com", 80), [IPAddress.Parse("127.0.0.1"), IPAddress.Parse("93.184.216.34"), IPAddress.Parse("169.254.169.254")]);
        Assert.True(verdict.IsAllowed);
        Assert.Equal([IPAddress.Parse("93.184.216.34")], verdict.Addresses);
    }

    [Theory]
    [InlineData("*.example.com|", false, "secret-data.evil.net")]
    [InlineData("93.184.216.34|", false, "secret-data.evil.net")]
    [InlineData("|*.evil.net", true, "secret-data.evil.net")]
    public void ANameThatNothingAllowsIsNotLookedUp(string lists, bool rest, string host) =>
        Assert.False(EgressPolicy.Of(Rules(lists, rest), []).Foresee(Target(host, 443))!.IsAllowed);

    [Theory]
    [InlineData("GET", "/v1/models", true)]
    [InlineData("get", "/v1/models", true)]
    [InlineData("GET", "/v1", true)]
    [InlineData("GET", "/v1?x=/../admin", true)]
    [InlineData("POST", "/v1/models", false)]
    [InlineData("GET", "/v10", false)]
    [InlineData("GET", "/admin", false)]
    [InlineData("GET", "/v1/../admin", false)]
    [InlineData("GET", "/v1/./x", false)]
    [InlineData("GET", "/v1/%2e%2e/admin", false)]
    [InlineData("GET", "/v1/%2E%2E/admin", false)]
    [InlineData("GET", "/v1/..%2fadmin", false)]
    [InlineData("GET", "/v1//admin", false)]
    [InlineData("GET", "/v1/..;/admin", false)]
    [InlineData("GET", "/v1/\\..\\admin", false)]
    [InlineData("GET", "/files-2024/a", true)]
    [InlineData("GET", "/files", false)]
    [InlineData("GET", "*", false)]
    [InlineData("CONNECT", "/v1", false)]
    public void MethodsAndPathsDecideWhereARequestCanBeRead(string method, string path, bool expected)
    {
        var rules = Rules("api.example|", rest: false) with { Hosts = [new EgressHostRule { Host = "api.example", Methods = ["GET", "HEAD"], Paths = ["/v1", "/files-*"] }] };
        Assert.Equal(expected, EgressPolicy.Of(rules, []).Decide(Target("api.example", 443) with { Method = method, Path = path }, [IPAddress.Parse("93.184.216.34")]).IsAllowed);
    }

    [Fact]
    public void HeadersComeFromTheNearestRulesThatAdmitTheRequest()
    {
        var rules = Rules("*.example|", rest: false) with
        {
            Hosts =
            [
                new EgressHostRule { Host = "*.example", Headers = Header("X-All", "1") },
                new EgressHostRule { Host = "*.api.example", Headers = Header("X-Below", "5") },
                new EgressHostRule { Host = "api.example", Headers = Header("X-Also", "6") },
                new EgressHostRule { Host = "api.example", Methods = ["POST"], Headers = Header("X-Post", "2") },
                new EgressHostRule { Host = "api.example", Methods = ["GET"], Headers = Header("X-Get", "3") },
                new EgressHostRule { Host = "other.example", Headers = Header("X-Other", "4") },
            ],
        };
        Assert.Equal(["X-Also", "X-Get"], Of("api.example"));
        Assert.Equal(["X-Below"], Of("a.api.example"));
        Assert.Equal(["X-All"], Of("b.example"));

        IEnumerable<string> Of(string host) =>
            EgressPolicy.Of(rules, []).Decide(Target(host, 443) with { Method = "GET", Path = "/" }, [IPAddress.Parse("93.184.216.34")]).Headers.Keys.Order();
    }

    [Fact]
    public void RulesOfAHostAllowNothingThemselves()
    {
        var rules = new EgressRules { Hosts = [new EgressHostRule { Host = "api.example", Headers = Header("X", "1") }] };
        Assert.False(Decide(rules, "api.example", 443, "93.184.216.34"));
    }

    [Fact]
    public void WhatTheMachinesConfigurationNamesMayBeAnywhere()
    {
        var policy = EgressPolicy.Of(new EgressRules(), ["mirror.example:8080"]);
        Assert.True(policy.Decide(Target("mirror.example", 8080), [IPAddress.Loopback]).IsAllowed);
        Assert.False(policy.Decide(Target("mirror.example", 80), [IPAddress.Loopback]).IsAllowed);
    }

    [Theory]
    [InlineData("api.example", true)]
    [InlineData("evil.com", true)]
    [InlineData("fine.com", false)]
    public void NoWayAroundANamesRulesLeadsOverItsAddress(string name, bool expected)
    {
        var rules = Rules("|evil.com", rest: true) with { Hosts = [new EgressHostRule { Host = "api.example", Methods = ["GET"] }] };
        Assert.Equal(expected, EgressPolicy.Of(rules, []).Guards(EgressHost.Parse(name)!, 443));
    }

    private static Dictionary<string, string> Header(string name, string value) => new(StringComparer.OrdinalIgnoreCase) { [name] = value };

    private static bool Decide(EgressRules rules, string host, int port, string address) =>
        EgressHost.Parse(host) is { } parsed && EgressPolicy.Of(rules, []).Decide(new EgressTarget(parsed, port), [parsed.Address ?? IPAddress.Parse(address)]).IsAllowed;

    private static EgressTarget Target(string host, int port) => new(EgressHost.Parse(host)!, port);

    private static EgressRules Rules(string lists, bool rest)
    {
        var parts = lists.Split('|').Select(l => l.Split(',', StringSplitOptions.RemoveEmptyEntries)).ToList();
        return new EgressRules { Allow = parts[0], Deny = parts[1], AllowsRest = rest };
    }
}
