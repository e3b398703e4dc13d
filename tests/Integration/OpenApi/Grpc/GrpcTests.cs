using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Grpc;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Integration.OpenApi.Grpc;

/// <summary>A gRPC server of another hand, read by reflection and called.</summary>
public sealed class GrpcTests(GrpcTests.Fixture fixture) : IClassFixture<GrpcTests.Fixture>
{
    private readonly GrpcServer _server = fixture.Server;
    private readonly GrpcSource _source = fixture.Source;

    [Fact]
    public void MethodsAreOperationsAndStreamsFromTheClientRefusals()
    {
        Assert.Equal(ApiFormat.Grpc, _source.Model.Format);
        Assert.Equal(["/shop.v1.Shop/Echo", "/shop.v1.Shop/Watch", "/shop.v1.Shop/Fail"], _source.Model.Operations.Select(o => o.Path));
        Assert.Equal(
            [(GrpcRefusals.ClientStreaming, "/services/shop.v1.Shop/Collect"), (GrpcRefusals.BidirectionalStreaming, "/services/shop.v1.Shop/Chat")],
            _source.Model.Refusals.Select(r => (r.Code, r.Pointer)));
    }

    [Fact]
    public void SchemasFollowTheJsonMapping()
    {
        var schema = _source.Model.Operations[0].Body!.Media[0].Schema;
        var properties = schema.Node.GetProperty("properties");
        Assert.Equal("""{"type":"string"}""", properties.GetProperty("text").GetRawText());
        Assert.Equal("""{"type":["string","integer"]}""", properties.GetProperty("large").GetRawText());
        Assert.Equal("""{"type":"string","contentEncoding":"base64"}""", properties.GetProperty("data").GetRawText());
        Assert.Equal("""{"type":"string","enum":["COLOR_UNSPECIFIED","RED","BLUE"]}""", properties.GetProperty("color").GetRawText());
        Assert.Equal("""{"type":"object","additionalProperties":{"$ref":"#/$defs/shop.v1.Tick"}}""", properties.GetProperty("byId").GetRawText());
        var inner = new ApiSchema(properties.GetProperty("inner"), schema.Source).Resolve();
        Assert.True(inner.Node.GetProperty("properties").TryGetProperty("at", out _));
        Assert.Equal("date-time", new ApiSchema(properties.GetProperty("at"), schema.Source).Resolve().Node.GetProperty("format").GetString());
    }

    [Fact]
    public async Task EverythingComesBackAsItWent()
    {
        const string message = """
            {"text":"ü\n","small":-7,"large":"-9007199254740993","huge":"18446744073709551615","real":1.5,"single":0.25,"flag":true,"data":"AQL/","color":"BLUE",
             "numbers":[1,-2,3],"words":["a",""],"counts":{"x":1,"y":2},"byId":{"7":{"id":9}},"tick":{"id":5},"inner":{"text":"in"},"maybe":"","right":0,
             "at":"2026-01-02T03:04:05.678Z","took":"1.500s","free":{"a":[1,"b",null]},"wrapped":"w","fixed":4294967295,"signedFixed":"-1","colors":["RED","BLUE"]}
            """;
        var answer = await CallAsync(0, message);
        var (sent, got) = (JsonElement.Parse(message), JsonElement.Parse(answer).GetProperty("value"));
        foreach (var member in sent.EnumerateObject().Where(m => m.Name != "inner"))
        {
            Assert.True(JsonElement.DeepEquals(member.Value, got.GetProperty(member.Name)), $"{member.Name}: {got.GetProperty(member.Name)}");
        }

        Assert.Equal("in", got.GetProperty("inner").GetProperty("text").GetString());
        Assert.Equal(0, got.GetProperty("inner").GetProperty("small").GetInt32());
        Assert.False(got.GetProperty("inner").TryGetProperty("maybe", out _));
    }

    [Theory]
    [InlineData("""{"nope":1}""", "nope")]
    [InlineData("""{"small":99999999999}""", "small")]
    [InlineData("""{"small":1.5}""", "small")]
    [InlineData("""{"color":"GREEN"}""", "color")]
    [InlineData("""{"data":"!"}""", "data")]
    [InlineData("""{"numbers":1}""", "numbers")]
    [InlineData("""{"at":"yesterday"}""", "Timestamp")]
    public async Task WhatDoesNotFitIsRefusedByItsName(string message, string argument)
    {
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => CallAsync(0, message));
        Assert.Equal((ApiFaultCode.InvalidArgument, argument), (fault.Fault.Code, fault.Fault.Argument));
    }

    [Fact]
    public async Task StreamsOfTheServerComeItemByItem()
    {
        var items = new List<string>();
        var call = Call(1, """{"count":3}""") with
        {
            OnItem = (item, _) =>
            {
                items.Add(Encoding.UTF8.GetString(item.Span));
                return ValueTask.CompletedTask;
            },
        };
        var result = await _source.CallAsync(call, CancellationToken.None);
        Assert.Equal("""{"value":[{"id":1},{"id":2},{"id":3}]}""", Encoding.UTF8.GetString(result.Payload.Span));
        Assert.Equal(["""{"id":1}""", """{"id":2}""", """{"id":3}"""], items);
    }

    [Theory]
    [InlineData(5, "gRPC NOT_FOUND: no such thing: ü")]
    [InlineData(14, "gRPC UNAVAILABLE: no such thing: ü")]
    public async Task StatusesAreErrorsOfTheApi(int code, string text)
    {
        var result = await _source.CallAsync(Call(2, $$"""{"code":{{code}},"message":"no such thing: ü"}"""), CancellationToken.None);
        Assert.True(result.IsError);
        Assert.Equal(text, JsonElement.Parse(result.Payload.Span).GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task CredentialsGoAsMetadata()
    {
        using var source = await OpenAsync(_server, "bearer:env:T");
        var result = await source.CallAsync(Call(0, "{}") with { Tool = Tool(source.Model.Operations[0]) }, CancellationToken.None);
        Assert.Contains("UNAUTHENTICATED", Encoding.UTF8.GetString(result.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OlderReflectionServesAndNoneIsSaidToBeNone()
    {
        await using var older = await GrpcServer.StartAsync("v1alpha");
        using var source = await OpenAsync(older);
        Assert.Equal(3, source.Model.Operations.Count);
        await using var silent = await GrpcServer.StartAsync("none");
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => OpenAsync(silent));
        Assert.Contains("does not describe itself: UNIMPLEMENTED", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APrivateAddressIsRefusedUnlessItIsNamed()
    {
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() =>
            GrpcSource.DescribeAsync(_server.Url, new GrpcOptions(), Connector(), TimeProvider.System, CancellationToken.None));
        Assert.Equal(ApiFaultCode.AddressRefused, fault.Fault.Code);
    }

    private static async Task<GrpcSource> OpenAsync(GrpcServer server, params string[] auth)
    {
        var document = await GrpcSource.DescribeAsync(server.Url, new GrpcOptions(), Connector("127.0.0.1"), TimeProvider.System, CancellationToken.None);
        var model = await GrpcSource.ReadAsync(document, server.Url, new GrpcOptions(), CancellationToken.None);
        return new GrpcSource(model, server.Url, new GrpcOptions(), new ApiSourceOptions { AllowedHosts = ["127.0.0.1"], Credentials = CredentialText.Parse(auth) }, Parts());
    }

    private static PinnedConnector Connector(params string[] allowed) => new(AddressPolicy.Allowing(allowed));

    private static ApiSourceParts Parts() => new()
    {
        Time = TimeProvider.System, Continuations = new ContinuationStore(new ContinuationOptions(), TimeProvider.System),
        Secrets = (_, _) => ValueTask.FromResult<string?>("wrong"),
    };

    private static ApiTool Tool(ApiOperation operation) => new(operation, () => default, () => null)
    {
        Name = "x", Description = "", Annotations = default, BodyMedia = operation.Body!.Media[0],
        Bindings = [new ArgumentBinding("body", BindingTarget.WholeBody, "", null)],
    };

    private ApiCall Call(int operation, string message) => new()
    {
        Tool = Tool(_source.Model.Operations[operation]), Arguments = JsonElement.Parse($$"""{"body":{{message}}}"""), Caller = new ApiCaller { Subject = "me" },
    };

    private async Task<string> CallAsync(int operation, string message) =>
        Encoding.UTF8.GetString((await _source.CallAsync(Call(operation, message), CancellationToken.None)).Payload.Span);

    /// <summary>One server for all tests: Node takes its time to start.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal GrpcServer Server { get; private set; } = null!;

        internal GrpcSource Source { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await GrpcServer.StartAsync();
            Source = await OpenAsync(Server);
        }

        public async ValueTask DisposeAsync()
        {
            Source.Dispose();
            await Server.DisposeAsync();
        }
    }
}
