using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>
/// Writers, readers and the server are killed at random points: a writer's or reader's connection is cut whatever it was doing, and the next one goes
/// on; the server gets SIGKILL. Then every session is checked: nothing that was acknowledged is lost, nothing is there twice, the order holds, the end
/// is seen once. One hundred kills; <c>TOOLRT_CHAOS=1000</c> makes it the long form.
/// </summary>
public sealed class ChaosTests : IAsyncLifetime
{
    private const int Sessions = 4;
    private const int LeastEvents = 200;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"toolrt-chaos-{Ids.New()}");
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(20));
    private NatsServerProcess _server = null!;
    private Task[] _running = [];
    private volatile bool _isOver;

    public async ValueTask InitializeAsync() =>
        _server = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = _folder }, NullLoggerFactory.Instance, TimeProvider.System, _deadline.Token);

    public async ValueTask DisposeAsync()
    {
        // What still runs where the test has failed would go on trying for ever.
        await _deadline.CancelAsync();
        await Task.WhenAll(_running).ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(BusServer.Limit);
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _deadline.Dispose();
    }

    [Fact]
    public async Task NothingAcknowledgedIsLostAndNothingComesTwice()
    {
        var (seed, kills) = (TestSeed.Next(), int.Parse(Environment.GetEnvironmentVariable("TOOLRT_CHAOS") ?? "100", CultureInfo.InvariantCulture));
        var random = new Random(seed);
        var all = Enumerable.Range(0, Sessions).Select(_ => new Session(new TopicKey("local", Ids.New(), Ids.New(), SessionIsExplicit: true), _deadline.Token)).ToArray();
        _running = [.. all.SelectMany(s => new[] { Task.Run(() => WriteAsync(s)), Task.Run(() => ReadAsync(s)) })];
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2, 60)), _deadline.Token);
            var victim = all[random.Next(Sessions)];
            switch (random.Next(5))
            {
                case 0 or 1:
                    await victim.Writer.CutAsync();
                    break;
                case 2 or 3:
                    await victim.Reader.CutAsync();
                    break;
                default:
                    await KillServerAsync();
                    break;
            }

            Assert.All(_running, r => Assert.False(r.IsFaulted, $"{TestSeed.Replay(seed)}: {r.Exception}"));
        }

        _isOver = true;
        await Task.WhenAll(_running).WaitAsync(_deadline.Token);
        foreach (var session in all)
        {
            var numbers = session.Read.Select(e => e.Number).ToList();
            Assert.True(numbers.SequenceEqual(Enumerable.Range(1, session.Read.Count)), $"{TestSeed.Replay(seed)}: {string.Join(' ', numbers)}");
            Assert.True(session.Read.Count >= LeastEvents, TestSeed.Replay(seed));
            Assert.All(session.Acknowledged, a => Assert.True(session.Read[a.Number - 1].Sequence == a.Sequence, $"{TestSeed.Replay(seed)}: event {a.Number}"));
            Assert.Equal(1, session.Ends);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {kills} kills, {all.Sum(s => s.Read.Count)} events, {all.Sum(s => s.Acknowledged.Count)} acknowledged to their writer");
    }

    private async Task KillServerAsync()
    {
        var before = _server.ProcessId;
        Process.GetProcessById(before).Kill();
        while (_server.ProcessId == before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), _deadline.Token);
        }
    }

    /// <summary>A call's runtime, and whoever takes the call over when it is gone.</summary>
    private async Task WriteAsync(Session session)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var bus = await ConnectAsync(session.Writer);
                var writer = await bus.Topics.OpenWriterAsync(session.Key, attempt, session.Writer.Token);
                if (writer.Last is { Event.IsTerminal: true })
                {
                    return;
                }

                for (var number = writer.Last is { } last ? NumberOf(last.Event) + 1 : 1; !_isOver || number <= LeastEvents; number++)
                {
                    var sequence = await writer.EmitAsync(new InvocationEvent(EventKind.Output, Encoding.ASCII.GetBytes($"{number}")), session.Writer.Token);
                    session.Acknowledged.Add((number, sequence));
                }

                await writer.EmitAsync(new InvocationEvent(EventKind.Completed, "0"u8.ToArray()), session.Writer.Token);
                return;
            }
            catch (Exception error) when (IsOfAKill(error) && !_deadline.IsCancellationRequested)
            {
                session.Writer.Renew();
            }
        }
    }

    /// <summary>A reader that comes back with the last event id that it has seen.</summary>
    private async Task ReadAsync(Session session)
    {
        var seen = 0ul;
        while (true)
        {
            try
            {
                await using var bus = await ConnectAsync(session.Reader);
                await using var follower = await bus.Topics.FollowFromAsync(session.Key, seen, session.Reader.Token);
                while (await follower.NextAsync(session.Reader.Token) is { } item)
                {
                    seen = item.Sequence;
                    if (item.Event.IsTerminal)
                    {
                        Assert.Equal(EventKind.Completed, item.Event.Kind);
                        session.Ends++;
                        return;
                    }

                    session.Read.Add((NumberOf(item.Event), item.Sequence));
                }
            }
            catch (Exception error) when (IsOfAKill(error) && !_deadline.IsCancellationRequested)
            {
                session.Reader.Renew();
            }
        }
    }

    private async Task<MessageBus> ConnectAsync(Life life) =>
        life.Bus = await MessageBus.ConnectAsync(_server.Bus, NullLoggerFactory.Instance, TimeProvider.System, life.Token);

    private static bool IsOfAKill(Exception error) =>
        error is OperationCanceledException or FencedException or NatsException or TimeoutException or ObjectDisposedException or InvalidOperationException;

    private static int NumberOf(InvocationEvent value) => Utf8Parser.TryParse(value.Data.Span, out int number, out _) ? number : throw new InvalidDataException(Encoding.UTF8.GetString(value.Data.Span));

    /// <summary>One connection's life.</summary>
    private sealed class Life(CancellationToken end) : IDisposable
    {
        private CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(end);

        public CancellationToken Token => _ending.Token;

        public MessageBus? Bus { get; set; }

        /// <summary>Cuts it in the middle of whatever it does; what it has sent may still arrive.</summary>
        public async Task CutAsync()
        {
            if (Bus is { } bus)
            {
                await Task.WhenAll(_ending.CancelAsync(), bus.DisposeAsync().AsTask());
            }
        }

        public void Dispose() => _ending.Dispose();

        public void Renew() => _ending = _ending.IsCancellationRequested ? CancellationTokenSource.CreateLinkedTokenSource(end) : _ending;
    }

    private sealed class Session(TopicKey key, CancellationToken end)
    {
        public TopicKey Key { get; } = key;

        public Life Writer { get; } = new(end);

        public Life Reader { get; } = new(end);

        public List<(int Number, ulong Sequence)> Acknowledged { get; } = [];

        public List<(int Number, ulong Sequence)> Read { get; } = [];

        public int Ends { get; set; }
    }
}
