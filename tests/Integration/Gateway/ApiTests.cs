using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Tests.Integration.OpenApi.Grpc;
using ToolRuntime.Tests.Integration.OpenApi.Wire;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>HTTP APIs registered at a gateway on a real bus, and called at a recording server.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private const string Document = """
        openapi: 3.1.0
        info: {title: Pet Store API, version: 1.0.0}
        servers: [{url: ORIGIN}]
        security: [{token: []}]
        paths:
          /pets/{id}:
            get:
              operationId: getPet
              parameters: [{name: id, in: path, required: true, schema: {type: string}}]
              responses:
                '200': {description: it, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
          /pets:
            delete: {operationId: clear, responses: {'204': {description: gone}}}
        components:
          securitySchemes: {token: {type: http, scheme: bearer}}
        """;

    private GatewayInstance _gateway = null!;
    private RecordingUpstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayInstance.StartAsync();
        _upstream = await RecordingUpstream.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task OperationsAreToolsWithTheSourcesNameAndItsStoredCredential()
    {
        using var secret = new ByteArrayContent("hush"u8.ToArray());
        await _gateway.Admin.PutAsync("/admin/secrets/PETS", secret);
        var registered = await RegisterAsync(Document, s => s with { Credentials = ["bearer:secret:PETS"] });
        Assert.Equal(["pet-store_getPet", "pet-store_clear", "pet-store_read_more"], registered.GetProperty("tools").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(2, registered.GetProperty("report").GetProperty("callable").GetInt32());

        Answer("""{"name":"rex"}""");
        Assert.Equal("""{"value":{"name":"rex"}}""", await CallAsync("pet-store_getPet", """{"id":"a/b"}"""));
        var request = _upstream.Single();
        Assert.Equal("/pets/a%2Fb", request.Target);
        Assert.Contains(request.Headers, h => h.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && h.Value == "Bearer hush");
    }

    [Fact]
    public async Task ACallWithoutItsCredentialIsRefusedAndNothingIsSent()
    {
        await RegisterAsync(Document);
        var refused = await CallAsync("pet-store_getPet", """{"id":"1"}""");
        Assert.Contains("token", refused, StringComparison.Ordinal);
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task AnErrorOfTheApiIsAnErrorOfTheToolWithStatusAndBody()
    {
        await RegisterAsync(Open());
        Answer("""{"error":"no such pet"}""", 404);
        var result = JsonElement.Parse(await CallAsync("pet-store_getPet", """{"id":"1"}"""));
        Assert.True(result.GetProperty("isError").GetBoolean());
        Assert.Equal("HTTP 404 Not Found\n{\"error\":\"no such pet\"}", result.GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task APartOfTheResultCanBeAskedFor()
    {
        await RegisterAsync(Open());
        Answer("""{"name":"rex","owner":{"login":"ann","id":7}}""");
        Assert.Equal("""{"value":"ann"}""", await CallAsync("pet-store_getPet", """{"id":"1","_select":"owner.login"}"""));
        Assert.Equal("/pets/1", _upstream.Single().Target);
    }

    [Fact]
    public async Task ManyOperationsAreOfferedAsToolsToFindThem()
    {
        var registered = await RegisterAsync(Open(), s => s with { ListAtMost = 1 });
        Assert.Equal(
            ["pet-store_search_tools", "pet-store_describe_tools", "pet-store_call_tool", "pet-store_run_script", "pet-store_read_more"],
            registered.GetProperty("tools").EnumerateArray().Select(t => t.GetString()));

        var found = JsonElement.Parse(await CallAsync("pet-store_search_tools", """{"query":"get one pet"}"""));
        Assert.Equal("pet-store_getPet", found.GetProperty("value").GetProperty("tools")[0].GetProperty("name").GetString());
        Answer("""{"name":"rex"}""");
        Assert.Equal("""{"value":{"name":"rex"}}""", await CallAsync("pet-store_call_tool", """{"name":"pet-store_getPet","arguments":{"id":"1"}}"""));

        var wrong = await CallAsync("pet-store_call_tool", """{"name":"pet-store_getPet","arguments":{}}""");
        Assert.Contains("'pet-store_getPet'", wrong, StringComparison.Ordinal);
        var unknown = await CallAsync("pet-store_call_tool", """{"name":"pet-store_nope"}""");
        Assert.Contains("there is no tool 'pet-store_nope'", unknown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADocumentThatGrowsRenamesNothingAndOneThatIsNoneLeavesTheOldServing()
    {
        await RegisterAsync(Open());
        var grown = Open().Replace("paths:\n", "paths:\n  /first:\n    get: {operationId: getPet2, responses: {'200': {description: ok}}}\n", StringComparison.Ordinal);
        var registered = await RegisterAsync(grown);
        Assert.Contains("pet-store_getPet", registered.GetProperty("tools").EnumerateArray().Select(t => t.GetString()));
        Assert.Contains("pet-store_getPet2", registered.GetProperty("tools").EnumerateArray().Select(t => t.GetString()));

        using var refused = await SendAsync("pet-store", "just: text", s => s);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Answer("""{"name":"rex"}""");
        Assert.Equal("""{"value":{"name":"rex"}}""", await CallAsync("pet-store_getPet", """{"id":"1"}"""));

        using var back = await _gateway.Admin.PostAsync("/admin/functions/pet-store/rollback", null);
        Assert.True(back.IsSuccessStatusCode, await back.Content.ReadAsStringAsync());
        Assert.DoesNotContain("getPet2", await _gateway.Client.GetStringAsync("/v1/tools"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADocumentIsFetchedFoundAtItsBaseAndRefreshed()
    {
        var document = Open();
        _upstream.Answer = async context =>
        {
            var isDocument = context.Request.Path == "/openapi.yaml";
            context.Response.StatusCode = isDocument ? 200 : 404;
            await context.Response.WriteAsync(isDocument ? document : "");
        };
        var settings = new ApiSettings { Source = _upstream.Origin, Root = _upstream.Origin, AllowedHosts = ["127.0.0.1"], RefreshSeconds = 0 };
        using var refused = await FetchAsync(settings with { AllowedHosts = [] });
        Assert.Contains("--allow-host 127.0.0.1", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var registered = await FetchAsync(settings);
        Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        Assert.False((await RefreshAsync()).GetProperty("changed").GetBoolean());
        document = document.Replace("operationId: clear", "operationId: wipe", StringComparison.Ordinal);
        Assert.True((await RefreshAsync()).GetProperty("changed").GetBoolean());
        // The operation is the same, method and path, and keeps its name.
        Assert.Contains("pet-store_clear", await _gateway.Client.GetStringAsync("/v1/tools"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AGrpcServerThatDescribesItselfIsAnApi()
    {
        await using var server = await GrpcServer.StartAsync();
        var source = $"grpc://127.0.0.1:{server.Url.Port}";
        var settings = new ApiSettings { Source = source, Root = source, AllowedHosts = ["127.0.0.1"], RefreshSeconds = 0, Prefix = "shop_" };
        using var refused = await FetchAsync(settings with { AllowedHosts = [] });
        Assert.Contains("--allow-host 127.0.0.1", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var registered = await FetchAsync(settings);
        var answer = await registered.Content.ReadAsStringAsync();
        Assert.Contains("grpc_client_streaming", answer, StringComparison.Ordinal);
        Assert.Equal("üx", JsonElement.Parse(await CallAsync("shop_Shop_Echo", """{"text":"üx","flag":true}""")).GetProperty("value").GetProperty("text").GetString());
        Assert.Equal("""{"value":[{"id":1},{"id":2}]}""", await CallAsync("shop_Shop_Watch", """{"count":2}"""));
        Assert.False((await RefreshAsync()).GetProperty("changed").GetBoolean());
    }

    [Theory]
    [InlineData("""{"root":"file:///package/openapi.yaml"}""", null)]
    [InlineData("""{"root":"file:///package/openapi.yaml","tags":null,"credentials":null}""", null)]
    [InlineData("""{"root":"file:///package/openapi.yaml","tag":[]}""", "unknown members: tag; known are source, root")]
    [InlineData("""{"root":"file:///package/openapi.yaml","tags":7}""", "$.tags")]
    [InlineData("{}", "its URL")]
    [InlineData("[]", "is no object")]
    [InlineData("{", "cannot be read")]
    public async Task SettingsNeedNoMoreThanTheRoot(string settings, string? refusal)
    {
        using var response = await SendAsync($"/admin/apis?name=bare&settings={Uri.EscapeDataString(settings)}", Open());
        Assert.Equal(refusal is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(refusal ?? "bare_getPet", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string Open() => Document.Replace("security: [{token: []}]\n", "", StringComparison.Ordinal);

    [Theory]
    [InlineData(LayerKind.Documents)]
    [InlineData(LayerKind.Names)]
    public async Task AKeptFileThatCannotBeReadIsFetchedAnewByTheNextWhoAsks(LayerKind damaged)
    {
        await RegisterAsync(Document);
        var folder = Directory.CreateTempSubdirectory("toolrt-apis-").FullName;
        var apis = new ServedApis(_gateway.Bus, new ApiOptions { CacheFolder = folder }, _gateway.Services.GetRequiredService<ApiServices>());
        var version = _gateway.Services.GetRequiredService<ToolCatalog>().Of(Caller.LocalTenant).Functions["pet-store"];
        var whole = await apis.PackageAsync(version, TestContext.Current.CancellationToken);
        var file = System.IO.Path.Combine(folder, version.Layers.Single(l => l.Kind == damaged).Digest);
        await File.WriteAllBytesAsync(file, (await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))[..40], TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<FunctionFaultException>(() => apis.PackageAsync(version, TestContext.Current.CancellationToken));
        var again = await apis.PackageAsync(version, TestContext.Current.CancellationToken);

        Assert.True(again.HasSameDocuments(whole) && again.Names!.Value.Span.SequenceEqual(whole.Names!.Value.Span));
        Directory.Delete(folder, recursive: true);
    }

    private void Answer(string json, int status = 200) => _upstream.Answer = async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json);
    };

    private async Task<JsonElement> RegisterAsync(string document, Func<ApiSettings, ApiSettings>? change = null)
    {
        using var response = await SendAsync(null, document, change ?? (s => s));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private Task<HttpResponseMessage> SendAsync(string? name, string document, Func<ApiSettings, ApiSettings> change) =>
        SendAsync(Path(name, change(new ApiSettings { Root = "file:///package/openapi.yaml", AllowedHosts = ["127.0.0.1"] })), document);

    private async Task<HttpResponseMessage> SendAsync(string path, string document)
    {
        var root = new Uri("file:///package/openapi.yaml");
        var package = new ApiPackage
        {
            Root = root,
            Documents = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [root.AbsoluteUri] = Encoding.UTF8.GetBytes(document.Replace("ORIGIN", _upstream.Origin, StringComparison.Ordinal)) },
        };
        using var body = new StreamContent(await package.WriteAsync(TestContext.Current.CancellationToken)) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        return await _gateway.Admin.PostAsync(path, body);
    }

    private Task<HttpResponseMessage> FetchAsync(ApiSettings settings) => _gateway.Admin.PostAsync(Path("pet-store", settings), null);

    private async Task<JsonElement> RefreshAsync()
    {
        using var response = await _gateway.Admin.PostAsync("/admin/apis/pet-store/refresh", null);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    private static string Path(string? name, ApiSettings settings) =>
        $"/admin/apis?settings={Uri.EscapeDataString(JsonSerializer.Serialize(settings, FunctionsJson.Default.ApiSettings))}{(name is null ? "" : $"&name={name}")}";

    private async Task<string> CallAsync(string tool, string arguments)
    {
        using var body = new StringContent(arguments, Encoding.UTF8, "application/json");
        using var response = await _gateway.Client.PostAsync($"/v1/tools/{tool}", body);
        return await response.Content.ReadAsStringAsync();
    }
}
