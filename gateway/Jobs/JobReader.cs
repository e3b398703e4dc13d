using System.Collections.Concurrent;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Jobs;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;

namespace ToolRuntime.Gateway.Jobs;

/// <summary>
/// Says how jobs stand, from their record and their topic, so that every gateway says the same. What was read of running ones is remembered, of at most
/// 10,000 at once.
/// </summary>
public sealed class JobReader(TimeProvider time, MessageBus? bus = null)
{
    private const int MostRemembered = 10_000;
    private readonly ConcurrentDictionary<string, JobProgress> _progress = new(StringComparer.Ordinal);

    private MessageBus Bus => bus ?? throw NoBus();

    /// <summary>A server without a message server has no jobs.</summary>
    internal static FunctionFaultException NoBus() =>
        new(FaultCode.BusUnavailable, "this server has no jobs: it was started without a message server", "start an instance: toolrt up");

    /// <summary>A tenant's job as it stands, or null.</summary>
    public async ValueTask<JobView?> FindAsync(string tenant, string id, CancellationToken cancellationToken) =>
        Ids.IsValid(id) && await Bus.Jobs.FindAsync(tenant, id, cancellationToken) is { } record ? await ViewAsync(record, cancellationToken) : null;

    /// <summary>A job as it stands.</summary>
    public async ValueTask<JobView> ViewAsync(JobRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (await Bus.Topics.LastWithTimeAsync(record.Topic, cancellationToken) is not { } last)
        {
            return new JobView(record, record.NotBefore > time.GetUtcNow() ? JobState.Delayed : JobState.Queued, record.AcceptedAt);
        }

        if (last.Event.Event.IsTerminal)
        {
            _progress.TryRemove(record.Id, out _);
            return Ended(record, last.Event.Event, last.At);
        }

        var progress = await AdvanceAsync(record, last.Event.Sequence, cancellationToken);
        return Running(record, progress, last.At);
    }

    /// <summary>A running job, by what its events say.</summary>
    internal static JobView Running(JobRecord record, JobProgress progress, DateTimeOffset at)
    {
        var open = progress.Questions.Where(q => !(record.Answers.TryGetValue(q.Key, out var answer) && answer.Question == q.Value.Sequence)).ToDictionary(StringComparer.Ordinal);
        return new JobView(record, open.Count > 0 ? JobState.InputRequired : JobState.Working, at) { Progress = progress.Progress, Questions = open };
    }

    /// <summary>An ended job.</summary>
    internal static JobView Ended(JobRecord record, InvocationEvent terminal, DateTimeOffset at)
    {
        if (terminal.Kind == EventKind.Completed)
        {
            return new JobView(record, JobState.Completed, at) { Result = terminal.Data };
        }

        var fault = FaultMapping.Read(terminal);
        return new JobView(record, fault.Code == FaultCode.Cancelled ? JobState.Cancelled : JobState.Failed, at) { Fault = fault };
    }

    private async ValueTask<JobProgress> AdvanceAsync(JobRecord record, ulong last, CancellationToken cancellationToken)
    {
        var progress = _progress.GetValueOrDefault(record.Id) ?? JobProgress.None;
        if (progress.Sequence < last)
        {
            await using var follower = await Bus.Topics.FollowFromAsync(record.Topic, progress.Sequence, cancellationToken);
            while (progress.Sequence < last && await follower.NextAsync(cancellationToken) is { Event.IsTerminal: false } item)
            {
                progress = progress.After(item);
            }

            if (_progress.Count >= MostRemembered)
            {
                _progress.Clear();
            }

            _progress[record.Id] = progress;
        }

        return progress;
    }
}
