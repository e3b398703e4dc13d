using System.Text;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.Tests.Unit.OpenApi.Responses;

/// <summary>Streams are cut into items as their standards say.</summary>
public sealed class StreamItemsTests
{
    private const string Events = "text/event-stream";
    private const string Lines = "application/x-ndjson";

    [Theory]
    [InlineData(Events, "data: 1\r\rdata: 2\r\n\r\ndata: 3\n\n", "1|2|3")]
    [InlineData(Events, "data: a\rdata: b\r\ndata: c\n\n", "\"a\\nb\\nc\"")]
    [InlineData(Events, "\uFEFFdata: 1\n\n", "1")]
    [InlineData(Events, "data: 1\n\n\uFEFFdata: 2\n\n", "1")]
    [InlineData(Events, "data: 1\n\ndata: 2\n", "1")]
    [InlineData(Events, "data: 1\n\ndata: 2", "1")]
    [InlineData(Events, "event: x\r\ndata\r\n\r\n", "{\"event\":\"x\",\"data\":\"\"}")]
    [InlineData(Lines, "1\r\n2\n\n3", "1|2|3")]
    public async Task ItemsEndWhereTheyEnd(string type, string text, string expected)
    {
        foreach (var block in (int[])[1, 2, 3, 1000])
        {
            Assert.Equal(expected, string.Join('|', await ReadAsync(type, Encoding.UTF8.GetBytes(text), block)));
        }
    }

    [Fact]
    public async Task AnEventOfManyLinesIsReadInOneGoAndIsBounded()
    {
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data:\n", 50_000)));
        Assert.Single(await ReadAsync(Events, [.. lines, .. "\n"u8], 1 << 16));
        await Assert.ThrowsAsync<ApiFaultException>(() => ReadAsync(Events, [.. lines, .. lines, .. lines, .. "\n"u8], 1 << 16));
    }

    private static async Task<List<string>> ReadAsync(string type, byte[] bytes, int block)
    {
        var items = new List<string>();
        await foreach (var item in new StreamItems(type, "a.example", 100_000).ReadAsync(new Blocks(bytes, block), CancellationToken.None))
        {
            items.Add(Encoding.UTF8.GetString(item.Span));
        }

        return items;
    }

    /// <summary>Gives at most so many bytes at once.</summary>
    private sealed class Blocks(byte[] bytes, int block) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(block, buffer.Length)], cancellationToken);
    }
}
