using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>Calls, deployments and the management API over HTTP, on a real bus.</summary>
public sealed class CallTests
{
    private const string Numbers = """{"type":"object","properties":{"a":{"type":"number"}},"required":["a"]}""";

    [Fact]
    public async Task ACallGivesWhatTheFunctionGave()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("twice", call => Task.FromResult($$"""{"value":{{2 * call.Arguments.GetProperty("a").GetDouble()}}}"""), Numbers, """{"type":"number"}""");

        using var answer = await gateway.Client.PostAsync("/v1/tools/twice", Json("""{"a":21}"""));
        Assert.Equal("""{"value":42}""", await answer.Content.ReadAsStringAsync());

        var result = (await RpcAsync(gateway, "tools/call", "twice", "\"name\":\"twice\",\"arguments\":{\"a\":4},")).GetProperty("result");
        Assert.Equal(8, result.GetProperty("structuredContent").GetInt32());
        Assert.Equal("8", result.GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task ArgumentsThatDoNotFitAreAToolErrorThatNamesThePath()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("twice", _ => Task.FromResult("{}"), Numbers);

        var result = (await RpcAsync(gateway, "tools/call", "twice", "\"name\":\"twice\",\"arguments\":{\"a\":\"x\"},")).GetProperty("result");
        Assert.True(result.GetProperty("isError").GetBoolean());
        Assert.Contains("/a: must be number", result.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALostStreamGoesOnFromItsLastEventWithoutLossOrRepeat()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var goOn = new TaskCompletionSource();
        await gateway.DeployAsync("count", async call =>
        {
            await call.EmitAsync(EventKind.Output, """{"value":1}""");
            await goOn.Task;
            await call.EmitAsync(EventKind.Output, """{"value":2}""");
            return """{"value":3}""";
        });
        var session = Ids.New();
        string last;
        using (var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/tools/count?session={session}") { Content = Json("{}") })
        {
            request.Headers.Accept.ParseAdd("text/event-stream");
            using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, BusServer.Deadline());
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            last = await UntilAsync(reader, "{\"value\":1}");
        }

        goOn.SetResult();
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/v1/tools/count?session={session}");
        again.Headers.Add("Last-Event-ID", last);
        using var rest = await gateway.Client.SendAsync(again, BusServer.Deadline());
        var text = await rest.Content.ReadAsStringAsync();
        Assert.DoesNotContain("{\"value\":1}", text, StringComparison.Ordinal);
        Assert.Contains("event: output", text, StringComparison.Ordinal);
        Assert.Contains("event: completed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailedDeployAndATakenNameLeaveTheOldVersionServing()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("first", _ => Task.FromResult("""{"value":"old"}"""));
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => gateway.DeployAsync("second", new ToolDefinition { Name = "first", InputSchema = JsonElement.Parse("{}") }));
        Assert.Contains("taken by the function 'first'", refused.Message, StringComparison.Ordinal);
        using var answer = await gateway.Client.PostAsync("/v1/tools/first", Json("{}"));
        Assert.Equal("""{"value":"old"}""", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task RollbackServesTheVersionBefore()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("versioned", _ => Task.FromResult("{}"), """{"type":"object","title":"one"}""");
        await gateway.DeployAsync("versioned", _ => Task.FromResult("{}"), """{"type":"object","title":"two"}""");
        using var rolled = await gateway.Admin.PostAsync("/admin/functions/versioned/rollback", null);
        Assert.Equal(HttpStatusCode.OK, rolled.StatusCode);
        var tool = await gateway.Client.GetFromJsonAsync<JsonElement>("/v1/tools/versioned");
        Assert.Equal("one", tool.GetProperty("inputSchema").GetProperty("title").GetString());
    }

    [Fact]
    public async Task TheManagementApiNeedsItsTokenAndIsWhatItsDocumentSays()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.Client.GetAsync("/admin/status")).StatusCode);
        var document = await gateway.Admin.GetFromJsonAsync<JsonElement>("/admin/openapi.json");
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}")).Order(StringComparer.Ordinal);
        var mapped = ((IEnumerable<Microsoft.AspNetCore.Routing.EndpointDataSource>)gateway.Services.GetService(typeof(IEnumerable<Microsoft.AspNetCore.Routing.EndpointDataSource>))!)
            .SelectMany(s => s.Endpoints).OfType<Microsoft.AspNetCore.Routing.RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/admin", StringComparison.Ordinal))
            .Select(e => $"{e.Metadata.OfType<Microsoft.AspNetCore.Routing.HttpMethodMetadata>().Single().HttpMethods[0]} {e.RoutePattern.RawText}").Order(StringComparer.Ordinal);
        Assert.Equal(mapped, described);
    }

    [Fact]
    public async Task SecretsGoInAndOnlyPartsGetThemOut()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        using var value = new ByteArrayContent("hush-hush"u8.ToArray());
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.Admin.PutAsync("/admin/secrets/TOKEN", value)).StatusCode);
        var listed = await gateway.Admin.GetStringAsync("/admin/secrets");
        Assert.Equal("""{"secrets":["TOKEN"]}""", listed);
        var request = JsonSerializer.SerializeToUtf8Bytes(new SecretRequest("local", ["TOKEN"]), FunctionsJson.Default.SecretRequest);
        var answer = await gateway.Bus.Requests.RequestAsync(SecretRequest.RequestName, request, BusServer.Deadline());
        Assert.Equal("hush-hush", JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.SecretValues)!.Values["TOKEN"]);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<string> UntilAsync(StreamReader reader, string data)
    {
        var id = "";
        while (await reader.ReadLineAsync(BusServer.Deadline()) is { } line)
        {
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            if (line.Contains(data, StringComparison.Ordinal))
            {
                return id;
            }
        }

        throw new InvalidOperationException("the stream ended first");
    }

    private static async Task<JsonElement> RpcAsync(GatewayInstance gateway, string method, string name, string parameters)
    {
        const string meta = """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";
        var body = $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{ {{parameters}}"_meta":{{meta}} } }""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = Json(body) };
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", method);
        request.Headers.Add("Mcp-Name", name);
        using var response = await gateway.Client.SendAsync(request);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }
}
