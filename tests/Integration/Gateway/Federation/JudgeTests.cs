using System.Diagnostics;
using System.Text.Json;

using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway.Federation;

/// <summary>Servers, agents and clients that others wrote, with the gateway between them.</summary>
public sealed class JudgeTests
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task ServerEverythingGivesThroughUsWhatItGivesDirectly(string client)
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var port = FreePort();
        using var server = await Npm.StartAsync("-e", $"process.env.PORT='{port}'; import('./node_modules/@modelcontextprotocol/server-everything/dist/transports/streamableHttp.js')");
        try
        {
            await ListeningAsync(server);
            using var added = await RemoteServerTests.PutAsync(gateway, "every", $$"""{"remote":{"url":"http://127.0.0.1:{{port}}/mcp","allowHosts":["127.0.0.1"]},"prefix":"e_"}""");
            Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());

            using var both = JsonDocument.Parse(await RunAsync("everything.mjs", client, $"http://127.0.0.1:{port}/mcp", new Uri(gateway.Address, "/mcp").ToString(), "e_"));

            foreach (var member in both.RootElement.GetProperty("direct").EnumerateObject())
            {
                Assert.Equal(member.Value.GetRawText(), both.RootElement.GetProperty("through").GetProperty(member.Name).GetRawText());
            }
        }
        finally
        {
            server.Kill();
        }
    }

    [Fact]
    public async Task AnAgentIsFoundAndAskedThroughUs()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        using var agent = await Npm.StartAsync("agent.mjs", "serve");
        try
        {
            var url = await agent.StandardOutput.ReadLineAsync(BusServer.Deadline());
            using var added = await gateway.Admin.PutAsync("/admin/agents/counter", RemoteServerTests.Json($$"""{"url":"{{url}}","allowHosts":["127.0.0.1"]}"""), BusServer.Deadline());
            Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
            foreach (var card in new[] { "agent-card.json", "agent.json" })
            {
                var text = await gateway.Client.GetStringAsync($"/a2a/counter/.well-known/{card}");
                Assert.Contains($"\"url\":\"{new Uri(gateway.Address, "/a2a/counter")}\"", text, StringComparison.Ordinal);
                Assert.DoesNotContain(url!, text, StringComparison.Ordinal);
            }

            using var direct = JsonDocument.Parse(await RunAsync("agent.mjs", "ask", $"{url}/"));
            using var through = JsonDocument.Parse(await RunAsync("agent.mjs", "ask", new Uri(gateway.Address, "/a2a/counter/").ToString()));

            Assert.Equal(direct.RootElement.GetRawText(), through.RootElement.GetRawText());
            Assert.Equal("""["one","two","three"]""", through.RootElement.GetProperty("artifacts").GetRawText());
        }
        finally
        {
            agent.Kill();
        }
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var run = await Npm.StartAsync(arguments);
        var (output, errors) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync(BusServer.Deadline());
        Assert.True(run.ExitCode == 0, await output + await errors);
        return await output;
    }

    /// <summary>The server says on stderr when it listens.</summary>
    private static async Task ListeningAsync(Process server)
    {
        while (await server.StandardError.ReadLineAsync(BusServer.Deadline()) is { } line)
        {
            if (line.Contains("listening", StringComparison.OrdinalIgnoreCase))
            {
                _ = server.StandardError.ReadToEndAsync();
                _ = server.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException("the server ended before it listened");
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }
}
