using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Tests.Unit.Bus;

/// <summary>A server that does not keep to the protocol, on a real socket: who connects is told why, who is connected is connected anew, nobody hangs.</summary>
public sealed class NatsHostileServerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "unknown operation")]
    [InlineData("INFO {\"max_payload\":-\r\n", "INFO is not")]
    [InlineData("INFO {\"max_payload\":99999999999}\r\n", "INFO is not")]
    [InlineData("INFO null\r\n", "INFO is null")]
    [InlineData("MSG a 1 99999999\r\n", "above")]
    [InlineData("MSG a 1 -1\r\n", "bad number")]
    [InlineData("-ERR 'maximum connections exceeded'\r\n", "maximum connections exceeded")]
    [InlineData("INF", "closed the connection")]
    [InlineData("", "closed the connection")]
    public async Task AGreetingThatIsNoneIsToldAtOnce(string greeting, string why)
    {
        await using var server = new ScriptedServer(async (_, socket) => await ScriptedServer.SayAsync(socket, greeting));
        await using var connection = server.NewConnection();
        var error = await Assert.ThrowsAnyAsync<NatsException>(() => connection.ConnectAsync(Deadline()).AsTask());
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task EndedInTheMomentInWhichItIsConnectedAnewItIsOver() => Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
    {
        // Beside so many others something often comes between the server's answer and its being taken note of.
        for (var round = 0; round < 50; round++)
        {
            await EndAtReconnectAsync();
        }
    })));

    private static async Task EndAtReconnectAsync()
    {
        var greeted = new TaskCompletionSource();
        await using var server = new ScriptedServer(
            (_, socket) => ScriptedServer.GreetAsync(socket),
            async (_, socket) =>
            {
                await ScriptedServer.GreetAsync(socket);
                greeted.TrySetResult();
                await ScriptedServer.GoOnAsync(socket);
            });
        var connection = server.NewConnection(new NatsOpts { ConnectTimeout = s_limit });
        await connection.ConnectAsync(Deadline());
        await greeted.Task.WaitAsync(s_limit);
        await connection.DisposeAsync().AsTask().WaitAsync(s_limit);
    }

    [Theory]
    [InlineData("")]
    [InlineData("INFO {")]
    [InlineData(ScriptedServer.Info)]
    public async Task AServerThatFallsSilentInTheGreetingIsGivenUp(string greeting)
    {
        await using var server = new ScriptedServer(async (own, socket) =>
        {
            await ScriptedServer.SayAsync(socket, greeting);
            await own.WaitAsync(socket);
            await own.WaitAsync(socket);
            await own.WaitAsync(socket);
        });
        await using var connection = server.NewConnection(new NatsOpts { ConnectTimeout = TimeSpan.FromMilliseconds(500) });
        await Assert.ThrowsAnyAsync<NatsException>(() => connection.ConnectAsync(Deadline()).AsTask());
    }

    [Theory]
    [InlineData("MSG _INBOX 1 5\r\nhello!\r\n")]
    [InlineData("HMSG _INBOX 1 20 10\r\n")]
    [InlineData("MSG _INBOX 1 67108865\r\n")]
    [InlineData("INFO {\"max_payload\":\"much\"}\r\n")]
    [InlineData("\0\0\0\0\r\n")]
    public async Task WhatIsNoProtocolEndsTheConnectionAndANewOneIsMade(string said)
    {
        await using var server = new ScriptedServer(
            async (_, socket) =>
            {
                await ScriptedServer.GreetAsync(socket);
                await ScriptedServer.HearAsync(socket, "PUB ask");
                await ScriptedServer.SayAsync(socket, said);
                await ScriptedServer.HearAsync(socket, "never");
            },
            async (_, socket) =>
            {
                await ScriptedServer.GreetAsync(socket);
                await ScriptedServer.GoOnAsync(socket);
            });
        await using var connection = server.NewConnection();
        await connection.ConnectAsync(Deadline());
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Reconnected += () => again.TrySetResult();

        var error = await Assert.ThrowsAsync<NatsConnectionFailedException>(() => connection.RequestAsync("ask", default, default, Deadline()).AsTask());
        await again.Task.WaitAsync(s_limit);
        await connection.PingAsync(Deadline());

        Assert.IsType<NatsProtocolViolationException>(error.InnerException);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task AnswersOfAnotherVersionOrToNobodyHarmNothing()
    {
        await using var server = new ScriptedServer(async (_, socket) =>
        {
            await ScriptedServer.GreetAsync(socket);
            var asked = await ScriptedServer.HearAsync(socket, " 0\r\n\r\n");
            var inbox = asked.Split(' ').First(w => w.StartsWith("_INBOX.", StringComparison.Ordinal) && !w.EndsWith('*'));
            foreach (var nobody in (string[])["_INBOX", $"{inbox}9", "x.*.>", inbox[..^1]])
            {
                await ScriptedServer.SayAsync(socket, $"MSG {nobody} 1 3\r\nbad\r\nMSG {nobody} 99 3\r\nbad\r\n");
            }

            await ScriptedServer.SayAsync(socket, $"PONG\r\nPONG\r\nHMSG {inbox} 1 16 16\r\nNATS/9.9 503\r\n\r\n\r\n");
            await ScriptedServer.GoOnAsync(socket);
        });
        await using var connection = server.NewConnection();
        await connection.ConnectAsync(Deadline());

        var answer = await connection.RequestAsync("ask", default, default, Deadline());
        await connection.PingAsync(Deadline());

        Assert.Equal((0, 16), (answer.Headers.Code, answer.Headers.Block.Length));
        Assert.Equal(1, server.Connections);
    }

    private static CancellationToken Deadline() => new CancellationTokenSource(s_limit).Token;
}
