using System.Collections.Immutable;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Jobs;

/// <summary>What a running job's events say up to one of them: immutable, and remembered, so that whoever asks often reads each event once.</summary>
internal sealed record JobProgress(ulong Sequence, ReadOnlyMemory<byte> Progress, ImmutableDictionary<string, JobQuestion> Questions)
{
    /// <summary>Nothing was read.</summary>
    public static JobProgress None { get; } = new(0, default, ImmutableDictionary<string, JobQuestion>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>After one more event. A runtime that begins anew asks anew: what its predecessor asked is void.</summary>
    public JobProgress After(TopicEvent item) => item.Event.Kind switch
    {
        EventKind.Progress => this with { Sequence = item.Sequence, Progress = item.Event.Data.ToArray() },
        EventKind.Started => this with { Sequence = item.Sequence, Questions = None.Questions },
        EventKind.InputRequired => this with { Sequence = item.Sequence, Questions = Questions.SetItems(Asked(item)) },
        _ => this with { Sequence = item.Sequence },
    };

    private static IEnumerable<KeyValuePair<string, JobQuestion>> Asked(TopicEvent item) =>
        from question in RawJson.Members(RawJson.Member(item.Event.Data, "requests"u8))
        select KeyValuePair.Create(question.Key, new JobQuestion(item.Sequence, question.Value.ToArray()));
}
