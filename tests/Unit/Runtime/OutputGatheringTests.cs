using System.Text;

using ToolRuntime.Runtime.Calls;

namespace ToolRuntime.Tests.Unit.Runtime;

public sealed class OutputGatheringTests
{
    private readonly List<string> _sent = [];
    private readonly HandClock _clock = new();

    [Fact]
    public async Task TheFirstPieceGoesAtOnceAndTheRestTogether()
    {
        using var gathering = Gathering(longest: 100);
        foreach (var piece in (string[])["a", "b", "c"])
        {
            await gathering.AddAsync(Text(piece));
        }

        Assert.Equal(["""{"text":"a"}"""], _sent);
        _clock.Fire();
        Assert.Equal(["""{"text":"a"}""", """{"text":"bc"}"""], _sent);
    }

    [Fact]
    public async Task WhatIsNoTextGoesByItselfBehindWhatWaits()
    {
        using var gathering = Gathering(longest: 100);
        await gathering.AddAsync(Text("a"));
        await gathering.AddAsync(Text("b"));
        await gathering.AddAsync("""{"value":1}"""u8.ToArray());
        await gathering.AddAsync("""{"text":"c","more":1}"""u8.ToArray());
        await gathering.AddAsync("""{"text":"\ud83d"}"""u8.ToArray());

        Assert.Equal(["""{"text":"a"}""", """{"text":"b"}""", """{"value":1}""", """{"text":"c","more":1}""", """{"text":"\ud83d"}"""], _sent);
    }

    [Fact]
    public async Task LongTextDoesNotWait()
    {
        using var gathering = Gathering(longest: 4);
        await gathering.AddAsync(Text("a"));
        await gathering.AddAsync(Text("bb"));
        await gathering.AddAsync(Text("ccc"));
        await gathering.AddAsync(Text("d"));
        await gathering.FlushAsync();

        Assert.Equal(["""{"text":"a"}""", """{"text":"bbccc"}""", """{"text":"d"}"""], _sent);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}""");

    private OutputGathering Gathering(int longest) => new(
        TimeSpan.FromMilliseconds(25),
        longest,
        data =>
        {
            _sent.Add(Encoding.UTF8.GetString(data.Span));
            return ValueTask.CompletedTask;
        },
        _clock);

    /// <summary>A clock that stands; its timers fire when they are told.</summary>
    private sealed class HandClock : TimeProvider
    {
        private Action? _fire;

        public void Fire() => _fire?.Invoke();

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => TimeSpan.TicksPerDay;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            return new HandTimer();
        }
    }

    private sealed class HandTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
