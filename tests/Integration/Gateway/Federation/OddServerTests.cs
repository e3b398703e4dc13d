using System.Text.Json;

using Microsoft.AspNetCore.Http;

namespace ToolRuntime.Tests.Integration.Gateway.Federation;

/// <summary>What servers in the field do that most do not.</summary>
public sealed class OddServerTests
{
    private const string Text = "here";
    private const string Result = """{"content":[{"type":"text","text":"here"}]}""";

    [Theory]
    [InlineData("Text/Event-Stream", "event: heartbeat\ndata: no JSON\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":RESULT}\n\n")]
    [InlineData("text/event-stream", "data: [{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":1}},{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":RESULT}]\n\n")]
    [InlineData("Application/JSON", "[{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":RESULT}]")]
    public async Task AnAnswerIsFoundInWhateverItCame(string type, string answer)
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Sessions);
        await RemoteServerTests.AddAsync(gateway, "docs", upstream);
        upstream.Guard = async context =>
        {
            if (await CallInAsync(context.Request) is not { } id)
            {
                return false;
            }

            context.Response.ContentType = type;
            await context.Response.WriteAsync(answer.Replace("ID", id, StringComparison.Ordinal).Replace("RESULT", Result, StringComparison.Ordinal));
            return true;
        };

        Assert.Equal(Text, TextOf(await new McpClient(gateway).CallAsync("docs_echo")));
    }

    [Fact]
    public async Task ASessionThatIsRefusedByAStatusOf400IsBegunAnew()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Sessions);
        await RemoteServerTests.AddAsync(gateway, "docs", upstream);
        var client = new McpClient(gateway);
        await client.CallAsync("docs_echo");
        var gone = upstream.Of("tools/call").Single().Headers["Mcp-Session-Id"];
        upstream.Guard = async context =>
        {
            if (context.Request.Headers["Mcp-Session-Id"] != gone)
            {
                return false;
            }

            context.Response.StatusCode = 400;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}""");
            return true;
        };

        Assert.Equal("""{"a":1}""", TextOf(await client.CallAsync("docs_echo", """{"a":1}""")));
    }

    [Fact]
    public async Task AServerThatRefusesTheNewestHandshakeIsGreetedWithOneThatItNames()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Stateless);
        upstream.Guard = async context =>
        {
            var body = await UpstreamServer.BodyAsync(context.Request);
            if (!body.Contains("\"initialize\"", StringComparison.Ordinal) || body.Contains("\"2025-06-18\"", StringComparison.Ordinal))
            {
                return false;
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$$"""{"jsonrpc":"2.0","id":{{{JsonElement.Parse(body).GetProperty("id").GetRawText()}}},"error":{"code":-32602,"message":"Unsupported protocol version","data":{"supported":["2024-11-05","2025-06-18"]} } }""");
            return true;
        };

        var added = await RemoteServerTests.AddAsync(gateway, "docs", upstream);

        Assert.Equal("2025-06-18", added.GetProperty("revision").GetString());
    }

    [Fact]
    public async Task AListOfManyShortPagesIsWhole()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Stateless);
        upstream.Answers["resources/list"] = """{"resources":[{"uri":"note://one","name":"one"}],"nextCursor":"again"}""";
        upstream.Guard = async context =>
        {
            var body = await UpstreamServer.BodyAsync(context.Request);
            if (!body.Contains("\"tools/list\"", StringComparison.Ordinal))
            {
                return false;
            }

            var message = JsonElement.Parse(body);
            var page = message.GetProperty("params").TryGetProperty("cursor", out var cursor) ? int.Parse(cursor.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : 0;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$$"""{"jsonrpc":"2.0","id":{{{message.GetProperty("id").GetRawText()}}},"result":{"tools":[{{{UpstreamServer.Tool($"t{page}")}}}]{{{(page < 99 ? $",\"nextCursor\":\"{page + 1}\"" : "")}}} } }""");
            return true;
        };

        await RemoteServerTests.AddAsync(gateway, "docs", upstream);

        Assert.Equal(100, (await new McpClient(gateway).ToolsAsync()).Count);
        Assert.Equal(2, (await new McpClient(gateway).ResultAsync("resources/list")).GetProperty("resources").GetArrayLength());
    }

    private static string? TextOf(JsonElement result) => result.GetProperty("content")[0].GetProperty("text").GetString();

    /// <summary>The id of a tool call, or null for anything else.</summary>
    private static async Task<string?> CallInAsync(HttpRequest request)
    {
        var body = await UpstreamServer.BodyAsync(request);
        return body.Contains("\"tools/call\"", StringComparison.Ordinal) ? JsonElement.Parse(body).GetProperty("id").GetRawText() : null;
    }
}
