using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Tests.Unit.Streams;

public sealed class StreamRulesTests
{
    private static readonly TopicPlace s_place = new("LT_d1_0", "lt.d1.0.local.x.stream", "x", "local");
    private static readonly StreamState s_empty = new() { Path = "x", ContentType = "text/plain" };

    [Theory]
    [InlineData(0, 0, AppendOutcome.Duplicate)]
    [InlineData(0, 4, AppendOutcome.Duplicate)]
    [InlineData(0, 5, AppendOutcome.Appended)]
    [InlineData(0, 6, AppendOutcome.SequenceGap)]
    [InlineData(1, 0, AppendOutcome.Appended)]
    [InlineData(1, 1, AppendOutcome.EpochBeginsAboveZero)]
    public void AProducerGoesOnWhereItStands(long epoch, long sequence, AppendOutcome outcome)
    {
        var state = s_empty with { Producers = [new ProducerMark("p", 0, 4)] };

        Assert.Equal(outcome, StreamRules.Decide(state, new AppendRequest { Data = new byte[1], Producer = new ProducerMark("p", epoch, sequence) }, 100).Outcome);
    }

    [Fact]
    public void AnEarlierEpochIsFencedAndAnUnknownProducerBeginsAtZero()
    {
        var state = s_empty with { Producers = [new ProducerMark("p", 2, 0)] };

        Assert.Equal((AppendOutcome.StaleEpoch, state.Producers[0]), StreamRules.Decide(state, new AppendRequest { Data = new byte[1], Producer = new ProducerMark("p", 1, 9) }, 100));
        Assert.Equal(AppendOutcome.SequenceGap, StreamRules.Decide(state, new AppendRequest { Data = new byte[1], Producer = new ProducerMark("q", 0, 1) }, 100).Outcome);
    }

    [Fact]
    public void AClosedStreamKnowsOnlyTheBatchThatClosedIt()
    {
        var batch = new ProducerMark("p", 0, 3);
        var state = s_empty with { IsClosed = true, ClosedBy = batch };

        Assert.Equal(AppendOutcome.Duplicate, StreamRules.Decide(state, new AppendRequest { Data = new byte[1], Producer = batch }, 100).Outcome);
        Assert.Equal(AppendOutcome.Closed, StreamRules.Decide(state, new AppendRequest { Data = new byte[1], Producer = batch with { Sequence = 2 } }, 100).Outcome);
        Assert.Equal(AppendOutcome.Duplicate, StreamRules.Decide(state, new AppendRequest { Closes = true }, 100).Outcome);
        Assert.Equal(AppendOutcome.Closed, StreamRules.Decide(state, new AppendRequest { Data = new byte[1] }, 100).Outcome);
    }

    [Fact]
    public void TheProducerThatWasSilentLongestIsForgottenFirst()
    {
        var last = new StoredState(s_place, 1, s_empty, default);
        for (var i = 0; i <= StreamRules.MostProducers; i++)
        {
            var request = new AppendRequest { Data = new byte[1], Producer = new ProducerMark($"p{i}", 0, 0) };
            last = new StoredState(s_place, (ulong)i + 2, StreamRules.After(last, request, DateTimeOffset.UnixEpoch), request.Data);
        }

        Assert.Equal(StreamRules.MostProducers, last.State.Producers.Count);
        Assert.Equal("p1", last.State.Producers[0].Id);
    }

    [Fact]
    public void AStreamEndsToTheSecond()
    {
        var used = DateTimeOffset.UnixEpoch.AddHours(1);
        var idle = s_empty with { TtlSeconds = 60, UsedAt = used.ToUnixTimeMilliseconds() };

        Assert.True(idle.IsAlive(used.AddSeconds(59)));
        Assert.False(idle.IsAlive(used.AddSeconds(60)));
        Assert.False((s_empty with { ExpiresAt = "2020-01-01T00:00:00Z" }).IsAlive(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void OffsetsSortAsTextLikeTheyDo() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue).Two()), pair =>
        {
            var (left, right) = (new StreamOffset((ulong)pair.Item1, 1), new StreamOffset((ulong)pair.Item2, 1));
            Assert.Equal(left.CompareTo(right), Math.Sign(string.CompareOrdinal(left.ToString(), right.ToString())));
            Assert.True(StreamOffset.TryParse(left.ToString(), out var read) && read == left);
        }));

    [Fact]
    public void TheNextMessageKnowsTheSixteenChunksBeforeItAndTheRoundPositions()
    {
        var last = new StoredState(s_place, 7, s_empty, default);
        var sequences = new List<ulong>();
        for (var sequence = 10UL; sequences.Count < 600; sequence += 3)
        {
            last = new StoredState(s_place, sequence, StreamRules.Next(last, ChunkKind.Inline, 1, DateTimeOffset.UnixEpoch), default);
            sequences.Add(sequence);
        }

        var (top, known) = StreamChain.Known(last);
        Assert.Equal(600UL, top);
        Assert.Equal(Enumerable.Reverse(sequences).Take(StreamChain.Length + 1), known);
        Assert.Equal(sequences[511], StreamChain.Nearest(last, 400));
        Assert.Equal(sequences[591], StreamChain.Nearest(last, 592));
        Assert.Null(StreamChain.Nearest(last, 599));
    }
}
