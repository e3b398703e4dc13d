using System.Net;
using System.Net.Sockets;
using System.Text;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Tests.Unit.Bus;

/// <summary>When frames leave, on a real socket with a clock that is moved by hand.</summary>
public sealed class NatsSendQueueTests : IDisposable
{
    private readonly Socket _mine = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _theirs;
    private readonly HandClock _clock = new();
    private readonly NatsSendQueue _queue;

    public NatsSendQueueTests()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _mine.Connect(listener.LocalEndPoint!);
        _theirs = listener.Accept();
        _mine.Blocking = false;
        _queue = new NatsSendQueue(1 << 20, static socket => socket.Dispose(), _clock);
        _queue.Attach(_mine);
    }

    [Fact]
    public void WhatMayWaitLeavesWithWhatMayNotAndBeforeIt()
    {
        Publish("a", NatsFlush.Later);
        Assert.Equal(0, _theirs.Available);
        Publish("b", NatsFlush.Now);
        Assert.Equal("PUB a 1\r\n1\r\nPUB b 1\r\n1\r\n", Read(24));
    }

    [Fact]
    public void WhatMayWaitLeavesByItselfAtLast()
    {
        Publish("a", NatsFlush.Later);
        _queue.Unsubscribe(7);
        _clock.Fire();
        Assert.Equal("PUB a 1\r\n1\r\nUNSUB 7\r\n", Read(21));
        Publish("b", NatsFlush.Later);
        _clock.Fire();
        Assert.Equal("PUB b 1\r\n1\r\n", Read(12));
    }

    [Fact]
    public async Task WhatTheKernelDoesNotTakeAtOnceIsSentWhenItDoes()
    {
        var payload = new byte[64 << 20];
        new Random(1).NextBytes(payload);
        var sending = _queue.PublishSlowAsync("a", null, default, payload, TestContext.Current.CancellationToken).AsTask();
        Assert.False(sending.IsCompleted);
        var head = Encoding.ASCII.GetBytes($"PUB a {payload.Length}\r\n");
        var received = new byte[head.Length + payload.Length];
        for (var at = 0; at < received.Length;)
        {
            at += _theirs.Receive(received.AsSpan(at));
        }

        await sending;
        Assert.Equal(head, received[..head.Length]);
        Assert.True(payload.AsSpan().SequenceEqual(received.AsSpan(head.Length)));
    }

    [Fact]
    public void AnswersToPingsThatNobodyReadsAreBounded()
    {
        const int Pings = 4 << 20;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Pings; i++)
        {
            _queue.Control("PONG\r\n"u8);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10L << 20);
    }

    public void Dispose()
    {
        _queue.Dispose();
        _mine.Dispose();
        _theirs.Dispose();
    }

    private void Publish(string subject, NatsFlush flush) => Assert.True(_queue.TryPublish(subject, null, default, "1"u8, flush));

    private string Read(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            at += _theirs.Receive(bytes.AsSpan(at));
        }

        return Encoding.ASCII.GetString(bytes);
    }

    private sealed class HandClock : TimeProvider
    {
        private readonly List<HandTimer> _timers = [];

        public void Fire() => _timers.ForEach(timer => timer.Fire());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new HandTimer(callback, state);
            _timers.Add(timer);
            return timer;
        }
    }

    private sealed class HandTimer(TimerCallback callback, object? state) : ITimer
    {
        private bool _isSet;

        public void Fire()
        {
            if (_isSet)
            {
                _isSet = false;
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _isSet = dueTime != Timeout.InfiniteTimeSpan;
            return true;
        }

        public void Dispose() => _isSet = false;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
