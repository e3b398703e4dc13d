using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Jobs;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Jobs;

/// <summary>Takes jobs in, cancels, answers and repeats them. Whatever is told of a job is stored on the bus first.</summary>
public sealed class JobDesk(JobReader reader, ToolCatalog catalog, TimeProvider time, MessageBus? bus = null)
{
    /// <summary>Most that a list shows.</summary>
    public const int MostListed = 1000;

    /// <summary>What every job's invocation has.</summary>
    public const InvocationOptions Options = InvocationOptions.Job | InvocationOptions.Stream | InvocationOptions.CanAsk;

    private static readonly TimeSpan s_answerAgain = TimeSpan.FromSeconds(5);

    private MessageBus Bus => bus ?? throw JobReader.NoBus();

    /// <summary>Stores the record of a decided invocation, then puts it into the queue, or among the delayed calls.</summary>
    /// <param name="invocation">What to run.</param>
    /// <param name="owner">The runtime that owns its session, or null.</param>
    /// <param name="delay">How long it waits before it goes into the queue.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="FunctionFaultException">The delay is too long, or nothing more is taken.</exception>
    public async ValueTask<JobRecord> StartAsync(Invocation invocation, string? owner, TimeSpan delay, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        if (delay < TimeSpan.Zero || delay > DelayedCalls.LongestDelay)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"a delay is 0 to {DelayedCalls.LongestDelay.TotalSeconds:0} seconds", null);
        }

        invocation = invocation with { Options = invocation.Options | Options, Deadline = invocation.Deadline + delay };
        var record = JobRecord.Of(invocation);
        record = delay == TimeSpan.Zero ? record : record with { NotBefore = invocation.AcceptedAt + delay };
        await Bus.Jobs.AddAsync(record, cancellationToken);
        await PlaceAsync(invocation, owner, record, cancellationToken);
        return record;
    }

    /// <summary>
    /// As <see cref="StartAsync"/>, where it may have been started before by a gateway that died meanwhile. A record that stands stays as it is; that the
    /// call may come into the queue twice does no harm (docs/decisions/0016).
    /// </summary>
    public async ValueTask<JobRecord> StartAgainAsync(Invocation invocation, string? owner, TimeSpan delay, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        if (await Bus.Jobs.FindAsync(invocation.Caller.Tenant, invocation.Id, cancellationToken) is not { } record)
        {
            return await StartAsync(invocation, owner, delay, cancellationToken);
        }

        var again = invocation with { Options = invocation.Options | Options, Function = record.Function, Version = record.Version, Deadline = record.Deadline };
        await PlaceAsync(again, owner, record, cancellationToken);
        return record;
    }

    /// <summary>Makes a job of a call that runs already as one (<see cref="Options"/>).</summary>
    public async ValueTask<JobRecord> AdoptAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var record = JobRecord.Of(invocation);
        await Bus.Jobs.AddAsync(record, cancellationToken);
        return record;
    }

    /// <summary>A tenant's jobs, the newest first.</summary>
    public async ValueTask<IReadOnlyList<JobView>> ListAsync(string tenant, int limit, CancellationToken cancellationToken)
    {
        var views = new List<JobView>();
        foreach (var page in (await Bus.Jobs.ListAsync(tenant, limit, cancellationToken)).Chunk(32))
        {
            views.AddRange(await Task.WhenAll(page.Select(record => reader.ViewAsync(record, cancellationToken).AsTask())));
        }

        return views;
    }

    /// <summary>A tenant's dead letters, the newest first.</summary>
    public ValueTask<IReadOnlyList<DeadLetter>> DeadAsync(string tenant, int limit, CancellationToken cancellationToken) => Bus.DeadLetters.ListAsync(tenant, limit, cancellationToken);

    /// <summary>A job with what the dead letters have of it, or null.</summary>
    public async ValueTask<JobView?> InspectAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        if (!Ids.IsValid(id))
        {
            return null;
        }

        var view = await reader.FindAsync(tenant, id, cancellationToken);
        if (view is { State: not JobState.Failed })
        {
            return view;
        }

        var letter = await Bus.DeadLetters.FindAsync(tenant, id, cancellationToken);
        view ??= letter is null ? null : new JobView(JobRecord.Of(letter.Invocation), JobState.Failed, letter.At) { Fault = new FunctionFault(FaultCode.RuntimeLost, letter.Reason) };
        return view is null ? null : view with { Letter = letter };
    }

    /// <summary>
    /// Cancels a job, wherever it is; false where there is none. An ended one stays as it is. One that no runtime has begun ends here and now:
    /// whoever takes it later finds its end.
    /// </summary>
    public async ValueTask<bool> CancelAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        if (!Ids.IsValid(id) || await Bus.Jobs.FindAsync(tenant, id, cancellationToken) is not { } record)
        {
            return false;
        }

        if (await Bus.Topics.LastAsync(record.Topic, cancellationToken) is { Event.IsTerminal: true })
        {
            return true;
        }

        await Bus.Control.SignalAsync(new ControlSignal(tenant, id, ControlKind.Cancel, default), cancellationToken);
        if (record.NotBefore is { } due)
        {
            await Bus.Delayed.RemoveAsync(tenant, id, due, cancellationToken);
        }

        await EndUnbegunAsync(record, cancellationToken);
        return true;
    }

    /// <summary>Hands over answers; those to questions that are not open are passed over. False where there is no such job.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">The job.</param>
    /// <param name="responses">Raw <c>{question: MCP input response}</c>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async ValueTask<bool> AnswerAsync(string tenant, string id, ReadOnlyMemory<byte> responses, CancellationToken cancellationToken)
    {
        if (await reader.FindAsync(tenant, id, cancellationToken) is not { } view)
        {
            return false;
        }

        var now = time.GetUtcNow();
        var given = RawJson.Members(responses)
            .Where(r => view.Questions.ContainsKey(r.Key))
            .ToDictionary(r => r.Key, r => new JobAnswer(view.Questions[r.Key].Sequence, JsonElement.Parse(r.Value.Span), now), StringComparer.Ordinal);
        if (given.Count > 0)
        {
            // Kept before it is sent: from here on every gateway knows that it is answered, and can send it again.
            await Bus.Jobs.UpdateAsync(tenant, id, r => r with { Answers = Merge(r.Answers, given) }, cancellationToken);
            await SendAsync(tenant, id, given, cancellationToken);
        }

        return true;
    }

    /// <summary>A tenant's job as it stands, or null. Answers that have had no effect for some time are sent once more: a signal is lost with a connection.</summary>
    public async ValueTask<JobView?> FindAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        var view = await reader.FindAsync(tenant, id, cancellationToken);
        if (view is { State: JobState.Working, Record.Answers.Count: > 0 } && time.GetUtcNow() - s_answerAgain is var before && view.UpdatedAt < before)
        {
            var late = view.Record.Answers.Where(a => a.Value.At < before).ToDictionary(StringComparer.Ordinal);
            if (late.Count > 0)
            {
                await SendAsync(tenant, id, late, cancellationToken);
            }
        }

        return view;
    }

    /// <summary>Follows a job from its begin; null where there is none.</summary>
    public async ValueTask<TopicFollower?> FollowAsync(string tenant, string id, CancellationToken cancellationToken) =>
        await Bus.Jobs.FindAsync(tenant, id, cancellationToken) is { } record ? await Bus.Topics.FollowFromAsync(record.Topic, 0, cancellationToken) : null;

    /// <summary>Puts a delayed job into the queue now, or repeats a dead call as a new job that runs the tool as it is deployed now.</summary>
    /// <exception cref="FunctionFaultException">It is neither, or its tool is gone.</exception>
    public async ValueTask<JobRecord> ReplayAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (Ids.IsValid(id) && await Bus.Jobs.FindAsync(caller.Tenant, id, cancellationToken) is { NotBefore: { } due } delayed && await Bus.Delayed.ReleaseAsync(caller.Tenant, id, due, cancellationToken))
        {
            return await Bus.Jobs.UpdateAsync(caller.Tenant, id, static r => r with { NotBefore = null }, cancellationToken) ?? delayed;
        }

        var letter = Ids.IsValid(id) ? await Bus.DeadLetters.FindAsync(caller.Tenant, id, cancellationToken) : null;
        if (letter is null)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"{id} is neither delayed nor among the dead letters", "'toolrt jobs list' shows both; a call of any other job is made anew");
        }

        var again = Again(letter.Invocation, caller, time.GetUtcNow());
        var record = JobRecord.Of(again) with { ReplayOf = id };
        await Bus.Jobs.AddAsync(record, cancellationToken);
        await Bus.Queue.EnqueueAsync(again, owner: null, cancellationToken);
        await Bus.Jobs.UpdateAsync(caller.Tenant, id, r => r with { ReplayedAs = again.Id }, cancellationToken);
        return record;
    }

    private ValueTask PlaceAsync(Invocation invocation, string? owner, JobRecord record, CancellationToken cancellationToken) => record.NotBefore is { } due
        ? Bus.Delayed.AddAsync(invocation, due, cancellationToken)
        : Bus.Queue.EnqueueAsync(invocation, owner, cancellationToken);

    private static Dictionary<string, JobAnswer> Merge(IReadOnlyDictionary<string, JobAnswer> before, Dictionary<string, JobAnswer> given)
    {
        var all = new Dictionary<string, JobAnswer>(before, StringComparer.Ordinal);
        foreach (var (id, answer) in given)
        {
            all[id] = answer;
        }

        return all;
    }

    private Invocation Again(Invocation dead, Caller caller, DateTimeOffset now)
    {
        var route = catalog.Of(caller.Tenant).Find(dead.Tool)
            ?? throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no tool '{dead.Tool}' any more", "deploy it again");
        return dead with
        {
            Id = Ids.New(),
            Options = dead.Options | Options,
            Session = dead.SessionIsExplicit ? dead.Session : Ids.New(),
            Caller = caller,
            Pool = route.Version.Pool,
            Function = route.Version.Manifest.Name,
            Version = route.Version.Digest,
            AcceptedAt = now,
            Deadline = now + TimeSpan.FromSeconds(route.Version.Manifest.TimeoutSeconds),
            Retry = route.Version.Manifest.Retry,
            Parent = null,
            Chain = [],
        };
    }

    private async ValueTask SendAsync(string tenant, string id, Dictionary<string, JobAnswer> answers, CancellationToken cancellationToken)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"responses\":{"u8);
        var first = true;
        foreach (var (question, answer) in answers)
        {
            buffer.Raw(first ? ""u8 : ","u8).Text(question).Raw(":"u8).Raw(System.Text.Encoding.UTF8.GetBytes(answer.Response.GetRawText()));
            first = false;
        }

        var payload = buffer.Raw("}}"u8).Written.ToArray();
        await Bus.Control.SignalAsync(new ControlSignal(tenant, id, ControlKind.InputResponse, payload), cancellationToken);
    }

    /// <summary>The writer expects an empty topic: where a runtime has begun, it ends the call itself.</summary>
    private async ValueTask EndUnbegunAsync(JobRecord record, CancellationToken cancellationToken)
    {
        var fault = new FunctionFault(FaultCode.Cancelled, $"{record.Tool}: the call was cancelled before it began");
        try
        {
            var writer = await Bus.Topics.OpenWriterAsync(record.Topic, attempt: 1, cancellationToken);
            await writer.EmitAsync(new InvocationEvent(EventKind.Failed, JsonSerializer.SerializeToUtf8Bytes(fault, FunctionsJson.Default.FunctionFault)), cancellationToken);
        }
        catch (FencedException)
        {
            // Begun: the signal ends it.
            return;
        }
    }
}
