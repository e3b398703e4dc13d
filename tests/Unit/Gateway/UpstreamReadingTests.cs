using System.Text;
using System.Text.Json;

using ToolRuntime.Gateway.Federation.Upstream;

namespace ToolRuntime.Tests.Unit.Gateway;

/// <summary>How what MCP servers send is taken apart.</summary>
public sealed class UpstreamReadingTests
{
    [Fact]
    public async Task LinesThatAreNoMessagesArePassedOver()
    {
        List<string> taken = [];
        using var stream = new MemoryStream("Server running on stdio\n\n  \r\n{\"half\": \n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n"u8.ToArray());
        await using var transport = new LineTransport(stream);

        await transport.RunAsync(
            new ServerInbox(
                (line, _) =>
                {
                    taken.Add(JsonElement.Parse(line).GetRawText());
                    return ValueTask.CompletedTask;
                },
                (_, _) => { },
                _ => false,
                () => { }),
            TestContext.Current.CancellationToken);

        Assert.Equal(["""{"jsonrpc":"2.0","id":1,"result":{}}"""], taken);
    }

    [Theory]
    [InlineData("id: 7\nretry: 250\ndata: {}\n\n")]
    [InlineData("id: 7\nretry: 250\ndata:\n\n")]
    [InlineData("id: 7\nretry: 250\n\n")]
    public async Task WhereAStreamIsGoneOnWithIsKnownWithoutData(string stream)
    {
        var events = new UpstreamEvents();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(stream));

        await foreach (var (name, _) in events.ReadAsync(content, TestContext.Current.CancellationToken))
        {
            Assert.Equal(UpstreamEvents.Message, name);
        }

        Assert.Equal(("7", TimeSpan.FromMilliseconds(250)), (events.LastId, events.Retry));
    }
}
