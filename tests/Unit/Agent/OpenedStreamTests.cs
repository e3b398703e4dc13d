using System.IO.Pipes;
using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Unit.Agent;

/// <summary>Streams that the agent opens: taken by the handler, and only by it.</summary>
public sealed class OpenedStreamTests : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);
    private readonly AnonymousPipeServerStream _agentOut = new(PipeDirection.Out);
    private readonly AnonymousPipeServerStream _agentIn = new(PipeDirection.In);
    private readonly CancellationTokenSource _deadline = new(s_deadline);
    private AgentClient? _client;

    public async ValueTask DisposeAsync()
    {
        await (_client?.DisposeAsync() ?? default);
        await _agentOut.DisposeAsync();
        await _agentIn.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task TheHandlerGetsWhatIsAskedForAndItsAnswerGoesBack()
    {
        var client = await ConnectAsync();
        client.OnOpened = async (request, stream, token) =>
            await AgentExchange.ReplyAsync(stream, new AgentReply { Code = AgentErrorCode.Denied, Message = $"{request.Kind} {request.Host}:{request.Port}" }, token);

        await OpenAsync(2);

        Assert.Equal(YamuxFlags.Ack, (await ReadAsync()).Header.Flags);
        Assert.Contains("socks example.org:443", (await ReadAsync()).Text, StringComparison.Ordinal);
        Assert.Equal((YamuxFlags.Rst, 2u), await HeadAsync());
    }

    [Fact]
    public async Task WithoutAHandlerAStreamIsReset()
    {
        await ConnectAsync();

        await OpenAsync(2);
        await OpenAsync(4);

        Assert.Equal((YamuxFlags.Rst, 2u), await HeadAsync());
        Assert.Equal((YamuxFlags.Rst, 4u), await HeadAsync());
    }

    [Fact]
    public async Task OneMoreThanTheBoundIsReset()
    {
        var client = await ConnectAsync();
        var waits = new TaskCompletionSource();
        client.OnOpened = async (_, _, token) => await waits.Task.WaitAsync(token);
        var last = (uint)(2 * OpenedStreams.Most) + 2;

        for (var id = 2u; id < last; id += 2)
        {
            await OpenAsync(id);
            Assert.Equal((YamuxFlags.Ack, id), await HeadAsync());
        }

        await OpenAsync(last);
        Assert.Equal((YamuxFlags.Rst, last), await HeadAsync());
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(3u)]
    [InlineData(2u)]
    public async Task OneThatMayNotBeOpenedEndsTheChannel(uint id)
    {
        var client = await ConnectAsync();
        await OpenAsync(2);
        await OpenAsync(id);

        Assert.Contains($"stream {id}", await client.Closed.WaitAsync(_deadline.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MoreThanTheSmallWindowEndsTheChannel()
    {
        var client = await ConnectAsync();
        client.OnOpened = async (_, _, token) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        await OpenAsync(2);
        var header = new byte[YamuxHeader.Size];
        new YamuxHeader(YamuxType.Data, YamuxFlags.None, 2, Yamux.OpenedWindow).Write(header);
        await _agentOut.WriteAsync(header, _deadline.Token);

        Assert.Contains("are allowed", await client.Closed.WaitAsync(_deadline.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHandlerThatThrowsEndsOnlyItsStream()
    {
        var client = await ConnectAsync();
        client.OnOpened = (_, _, _) => throw new InvalidOperationException("broken");

        await OpenAsync(2);

        Assert.Equal(YamuxFlags.Ack, (await ReadAsync()).Header.Flags);
        Assert.Equal((YamuxFlags.Rst, 2u), await HeadAsync());
        Assert.False(client.Closed.IsCompleted);
    }

    private async Task<AgentClient> ConnectAsync()
    {
        var fromAgent = new AnonymousPipeClientStream(PipeDirection.In, _agentOut.ClientSafePipeHandle);
        var toAgent = new AnonymousPipeClientStream(PipeDirection.Out, _agentIn.ClientSafePipeHandle);
        var welcome = new byte[Welcome.Length];
        new Welcome(1, 1).Write(welcome);
        await _agentOut.WriteAsync(welcome, _deadline.Token);
        _client = await AgentClient.ConnectAsync(fromAgent, toAgent, 1, TimeProvider.System, _deadline.Token);
        await _agentIn.ReadExactlyAsync(new byte[Hello.Length], _deadline.Token);
        return _client;
    }

    private async Task OpenAsync(uint id)
    {
        var message = MessageFraming.Encode(new EgressRequest(AgentOperation.Egress, EgressKind.Socks, "example.org", 443), AgentJson.Default.EgressRequest);
        var frame = new byte[YamuxHeader.Size + message.Length];
        new YamuxHeader(YamuxType.Data, YamuxFlags.Syn, id, (uint)message.Length).Write(frame);
        message.CopyTo(frame, YamuxHeader.Size);
        await _agentOut.WriteAsync(frame, _deadline.Token);
    }

    private async Task<(YamuxFlags Flags, uint Stream)> HeadAsync()
    {
        var (header, _) = await ReadAsync();
        return (header.Flags, header.Stream);
    }

    private async Task<(YamuxHeader Header, string Text)> ReadAsync()
    {
        var bytes = new byte[YamuxHeader.Size];
        await _agentIn.ReadExactlyAsync(bytes, _deadline.Token);
        var header = YamuxHeader.Read(bytes);
        var data = new byte[header.Type == YamuxType.Data ? header.Length : 0];
        await _agentIn.ReadExactlyAsync(data, _deadline.Token);
        return (header, Encoding.UTF8.GetString(data));
    }
}
