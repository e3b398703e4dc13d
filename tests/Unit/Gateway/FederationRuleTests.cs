using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Agents;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.OpenApi.Fetching;

namespace ToolRuntime.Tests.Unit.Gateway;

/// <summary>The pure rules of federation: names, scopes, addresses, headers, cards.</summary>
public sealed class FederationRuleTests
{
    [Fact]
    public void NamesWithAPrefixHaveAtMostSixtyFourCharactersAndStayApart()
    {
        var (one, other) = (PrefixedNames.Of("docs_", new string('a', 70)), PrefixedNames.Of("docs_", new string('a', 71)));

        Assert.Equal("docs_search", PrefixedNames.Of("docs_", "search"));
        Assert.Equal(new string('a', 70), PrefixedNames.Of("", new string('a', 70)));
        Assert.Equal((64, 64), (one.Length, other.Length));
        Assert.NotEqual(one, other);
        Assert.True(Names.IsTool(one));
    }

    [Fact]
    public void AToolWithANameThatClientsDoNotTakeGetsAnotherAndKeepsItsOwn()
    {
        ToolDefinition Of(string name) => PrefixedNames.Of("", new ToolDefinition { Name = name, InputSchema = JsonElement.Parse("{}") });

        var (one, other) = (Of("repo/find all"), Of("repo:find all"));

        Assert.StartsWith("repo_find_all_", one.Name, StringComparison.Ordinal);
        Assert.Equal("repo/find all", one.Entry);
        Assert.True(Names.IsTool(one.Name));
        Assert.NotEqual(one.Name, other.Name);
        Assert.Equal(("fine", ""), (Of("fine").Name, Of("fine").Entry));
    }

    [Theory]
    [InlineData("10.1.2.3", "h", false)]
    [InlineData("::ffff:192.168.0.1", "h", false)]
    [InlineData("100.64.0.1", "h", false)]
    [InlineData("fd00::1", "h", false)]
    [InlineData("::1", "h", false)]
    [InlineData("169.254.169.254", "h", false)]
    [InlineData("93.184.216.34", "h", true)]
    [InlineData("2606:2800:220:1::1", "h", true)]
    [InlineData("10.9.0.7", "h", true)]
    [InlineData("127.0.0.1", "lab.example", true)]
    [InlineData("192.168.7.7", "h", true)]
    public void PrivateAddressesAreReachedOnlyWhereTheyAreNamed(string address, string host, bool expected) =>
        Assert.Equal(expected, AddressPolicy.Allowing(["10.9.0.0/16", "lab.example", "192.168.7.7"]).Allows(host, IPAddress.Parse(address)));

    [Theory]
    [InlineData("plain value", "plain value")]
    [InlineData(" padded", "=?base64?IHBhZGRlZA==?=")]
    [InlineData("é", "=?base64?w6k=?=")]
    [InlineData("a\nb", "=?base64?YQpi?=")]
    public void MirroredHeadersHoldAnything(string value, string expected) => Assert.Equal(expected, MirroredHeader.Encode(value));

    [Theory]
    [InlineData("secret:TOKEN", "TOKEN")]
    [InlineData("Bearer secret:TOKEN", "TOKEN")]
    [InlineData("nosecret:TOKEN", null)]
    [InlineData("plain", null)]
    public void HeadersEndWithASecretsName(string value, string? expected) => Assert.Equal(expected, SecretHeaders.NameIn(value));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":{"a":[1]}}""", true, null)]
    [InlineData("""{"jsonrpc":"2.0","id":7,"error":{"code":1}}""", true, null)]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/x","params":{}}""", false, "notifications/x")]
    [InlineData("""[1]""", false, null)]
    public void MessagesAreToldApart(string json, bool isAnswer, string? method)
    {
        var message = RpcMessage.Read(Encoding.UTF8.GetBytes(json));
        Assert.Equal((isAnswer, method), (message.IsAnswer, message.Method));
    }

    [Fact]
    public void ASetHasWhatOneOfItsPartsHas()
    {
        var scope = ToolScope.OfSet(new ToolSet { Tenant = "local", Name = "s", Parts = [new("docs", []), new("files", ["files_read_*", "files_ls"])] });

        Assert.True(scope.Has(Route("docs", "docs_any")));
        Assert.True(scope.Has(Route("files", "files_read_text")));
        Assert.True(scope.Has(Route("files", "files_ls")));
        Assert.False(scope.Has(Route("files", "files_write")));
        Assert.False(scope.Has(Route("other", "docs_any")));
        Assert.True(ToolScope.OfSource("docs").Has(Route("docs", "x")));
        Assert.False(ToolScope.OfSource("docs").HasSource("files"));
    }

    [Fact]
    public void WhoseCallsMeetIsWhatTheManifestSays()
    {
        var caller = new Caller("local", "ada", "k");
        ServerAddress Of(Isolation isolation, string? session, string subject = "ada") =>
            ServerAddress.For(caller with { Subject = subject }, session, Route("files", "x", isolation).Version);

        Assert.Equal("named", Of(Isolation.Session, "named").Session);
        Assert.Equal(Of(Isolation.Session, null), Of(Isolation.Session, null));
        Assert.NotEqual(Of(Isolation.Session, null), Of(Isolation.Session, null, "bob"));
        Assert.Equal(Of(Isolation.Function, "named"), Of(Isolation.Function, null, "bob"));
        Assert.NotEqual(Of(Isolation.Request, "named"), Of(Isolation.Request, "named"));
    }

    [Theory]
    [InlineData("""{"name":"x","url":"/rpc","preferredTransport":"JSONRPC","additionalInterfaces":[{"url":"https://a.example/rest","transport":"HTTP+JSON"},{"url":"a:1","transport":"GRPC"}],"signatures":[{}],"more":1}""", """{"name":"x","url":"http://us/a2a/x","preferredTransport":"JSONRPC","additionalInterfaces":[{"url":"http://us/a2a/x/rest","transport":"HTTP\u002BJSON"}],"more":1}""")]
    [InlineData("""{"name":"x","supportedInterfaces":[{"url":"https://a.example/rpc","protocolBinding":"JSONRPC","protocolVersion":"1.0"}]}""", """{"name":"x","supportedInterfaces":[{"url":"http://us/a2a/x","protocolBinding":"JSONRPC","protocolVersion":"1.0"}]}""")]
    public void ACardLeadsToTheGateway(string card, string expected)
    {
        var read = AgentCard.Read(Encoding.UTF8.GetBytes(card), new Uri("https://a.example/"));

        Assert.Equal(expected, Encoding.UTF8.GetString(read.At("http://us/a2a/x")));
        Assert.Equal(new Uri("https://a.example/rpc"), read.Rpc);
    }

    private static ToolRoute Route(string source, string tool, Isolation isolation = Isolation.Session) => new(
        new FunctionVersion
        {
            Digest = "d",
            Tenant = "local",
            Manifest = new FunctionManifest { Name = source, Language = FunctionLanguage.Mcp, Isolation = isolation },
            Tools = [],
            Layers = [],
            CreatedAt = default,
        },
        new ToolDefinition { Name = tool, InputSchema = JsonElement.Parse("{}") });
}
