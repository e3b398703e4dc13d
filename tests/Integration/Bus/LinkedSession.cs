using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>
/// One session whose writer and reader reach the server over links that fail, with a caller beside the writer and a taker beside the reader. Each has
/// one bus from beginning to end and no help: whatever happens to the link, it goes on by itself.
/// </summary>
internal sealed class LinkedSession : IAsyncDisposable
{
    private const int Begin = 50;
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(10);
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(5));
    private readonly CancellationTokenSource _allTaken = new();
    private readonly TopicKey _key = new("local", Ids.New(), Ids.New(), SessionIsExplicit: true);
    private readonly string _pool = Ids.New();
    private readonly MessageBus _writing;
    private readonly MessageBus _reading;
    private readonly List<ulong> _acknowledged = [];
    private readonly List<(int Number, ulong Sequence)> _read = [];
    private readonly List<string> _enqueued = [];
    private readonly List<(string Id, int Attempt)> _taken = [];
    private readonly List<Task> _running = [];
    private volatile bool _isOver;
    private int _ends;

    private LinkedSession(MessageBus writing, MessageBus reading) => (_writing, _reading) = (writing, reading);

    public static async Task<LinkedSession> StartAsync(BusOptions options)
    {
        var session = new LinkedSession(await BusServer.ConnectAsync(options), await BusServer.ConnectAsync(options));
        session._running.AddRange([Task.Run(session.WriteAsync), Task.Run(session.ReadAsync), Task.Run(session.CallAsync), Task.Run(session.TakeAsync)]);
        await session.WaitAsync(() => Begin, n => session._read.Count >= n && session._taken.Count >= n);
        return session;
    }

    /// <summary>Ends once events that are written from now on are acknowledged and read, and calls that are made from now on stored and taken; gives the time that took.</summary>
    public async Task<TimeSpan> GoesOnAsync()
    {
        var began = Stopwatch.GetTimestamp();
        await WaitAsync(() => _acknowledged.Count + 1, n => _acknowledged.Count > n);
        await WaitAsync(() => _acknowledged.Count, n => _read.Count >= n);
        await WaitAsync(() => _enqueued.Count + 1, n => _enqueued.Count > n);
        await WaitAsync(() => _enqueued[^1], id => _taken.Exists(t => t.Id == id));
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Ends the session: nothing that was acknowledged is lost, nothing is there twice, the order holds, the end is seen once.</summary>
    public async Task<string> CheckAsync()
    {
        _isOver = true;
        await Task.WhenAll(_running[..^1]);
        await WaitAsync(() => 0, _ => _enqueued.TrueForAll(id => _taken.Exists(t => t.Id == id)));
        await _allTaken.CancelAsync();
        await _running[^1];
        Assert.Equal(Enumerable.Range(1, _acknowledged.Count), _read.Select(e => e.Number));
        Assert.Equal(_acknowledged, _read.Select(e => e.Sequence));
        Assert.Equal(1, _ends);
        Assert.Equal(_enqueued.Order(StringComparer.Ordinal), _taken.Select(t => t.Id).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(_taken.Count, _taken.Distinct().Count());
        return $"{_read.Count} events, {_enqueued.Count} calls, {_taken.Count(t => t.Attempt > 1)} of them delivered again";
    }

    public async ValueTask DisposeAsync()
    {
        await _deadline.CancelAsync();
        await _allTaken.CancelAsync();
        await Task.WhenAll(_running).ContinueWith(static _ => { }, TaskScheduler.Default);
        await _writing.DisposeAsync();
        await _reading.DisposeAsync();
        _deadline.Dispose();
        _allTaken.Dispose();
    }

    private async Task WriteAsync()
    {
        var writer = await _writing.Topics.OpenWriterAsync(_key, 1, _deadline.Token);
        for (var number = 1; !_isOver; number++)
        {
            Add(_acknowledged, await writer.EmitAsync(new InvocationEvent(EventKind.Output, Encoding.ASCII.GetBytes($"{number}")), _deadline.Token));
            await Task.Delay(s_pace, _deadline.Token);
        }

        await writer.EmitAsync(new InvocationEvent(EventKind.Completed, "0"u8.ToArray()), _deadline.Token);
    }

    private async Task ReadAsync()
    {
        await using var follower = await _reading.Topics.FollowFromAsync(_key, 0, _deadline.Token);
        while (await follower.NextAsync(_deadline.Token) is { } item)
        {
            if (item.Event.IsTerminal)
            {
                _ends++;
                continue;
            }

            Assert.True(Utf8Parser.TryParse(item.Event.Data.Span, out int number, out _));
            Add(_read, (number, item.Sequence));
        }
    }

    private async Task CallAsync()
    {
        while (!_isOver)
        {
            var call = BusServer.NewInvocation(pool: _pool);
            await _writing.Queue.EnqueueAsync(call, owner: null, _deadline.Token);
            Add(_enqueued, call.Id);
            await Task.Delay(s_pace, _deadline.Token);
        }
    }

    private async Task TakeAsync()
    {
        await foreach (var delivery in _reading.Queue.TakeAsync(Ids.New(), [_pool], capacity: 8, _allTaken.Token))
        {
            Add(_taken, (delivery.Invocation.Id, delivery.Attempt));
            await delivery.AckAsync(_deadline.Token);
        }
    }

    private void Add<T>(List<T> list, T item)
    {
        lock (_taken)
        {
            list.Add(item);
        }
    }

    private async Task WaitAsync<T>(Func<T> mark, Func<T, bool> isReached)
    {
        using var look = new PeriodicTimer(s_pace);
        T marked;
        lock (_taken)
        {
            marked = mark();
        }

        do
        {
            Assert.All(_running, r => Assert.False(r.IsFaulted, r.Exception?.ToString()));
            lock (_taken)
            {
                if (isReached(marked))
                {
                    return;
                }
            }
        }
        while (await look.WaitForNextTickAsync(_deadline.Token));
    }
}
