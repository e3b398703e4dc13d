using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;
using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Sdk.Worker;

/// <summary>The context of one call, and where its output goes.</summary>
internal sealed class CallContext : Context, IDisposable
{
    private readonly CallHead _head;
    private readonly FrameChannel _channel;
    private readonly uint _call;
    private readonly long _started;
    private readonly CancellationTokenSource _cancellation = new();
    private volatile bool _answered;

    /// <summary>Makes the context of the call <paramref name="call"/>.</summary>
    public CallContext(uint call, CallHead head, FrameChannel channel, HostCalls host, long outputBytes)
    {
        _call = call;
        _head = head;
        _channel = channel;
        _started = TimeProvider.System.GetTimestamp();
        Output = new CallOutput(channel, call, outputBytes);
        Tools = new HostTools(this);
        State = new HostState(this, "session");
        Mailbox = new HostMailboxes(this);
        Host = host;
        if (head.Left is { } left)
        {
            _cancellation.CancelAfter(left);
        }
    }

    /// <inheritdoc/>
    public override string Invocation => _head.Invocation;

    /// <inheritdoc/>
    public override string Session => _head.Session;

    /// <inheritdoc/>
    public override string Tenant => _head.Tenant;

    /// <inheritdoc/>
    public override string Function => _head.Function;

    /// <inheritdoc/>
    public override string Tool => _head.Tool;

    /// <inheritdoc/>
    public override int Attempt => _head.Attempt;

    /// <inheritdoc/>
    public override string? TraceParent => _head.TraceParent;

    /// <inheritdoc/>
    public override TimeSpan? TimeLeft => _head.Left is { } left
        ? TimeSpan.FromTicks(Math.Max(0, (left - TimeProvider.System.GetElapsedTime(_started)).Ticks))
        : null;

    /// <inheritdoc/>
    public override CancellationToken Cancellation => _cancellation.Token;

    /// <inheritdoc/>
    public override JsonElement? PreviousCheckpoint => _head.Checkpoint;

    /// <inheritdoc/>
    public override Tools Tools { get; }

    /// <inheritdoc/>
    public override State State { get; }

    /// <inheritdoc/>
    public override Mailboxes Mailbox { get; }

    /// <summary>What it prints.</summary>
    public CallOutput Output { get; }

    /// <summary>Why it was cancelled by the host, or null.</summary>
    public string? CancelReason { get; private set; }

    /// <summary>Whether the call is over by cancellation or deadline.</summary>
    public bool IsCancelled => _cancellation.IsCancellationRequested;

    /// <summary>Whether its deadline passed, by the host's word or by the timer here, which may be a hair before <see cref="TimeLeft"/> is zero.</summary>
    public bool IsDeadline => CancelReason is "deadline" || (CancelReason is null && IsCancelled);

    private HostCalls Host { get; }

    /// <inheritdoc/>
    public override void Progress(double progress, double? total = null, string? message = null)
    {
        var frame = FrameBuilder.Begin(WorkerFrameType.Progress, _call);
        frame.Json.WriteStartObject();
        frame.Json.WriteNumber("progress"u8, progress);
        if (total is { } whole)
        {
            frame.Json.WriteNumber("total"u8, whole);
        }

        if (message is not null)
        {
            frame.Json.WriteString("message"u8, message);
        }

        frame.Json.WriteEndObject();
        Send(frame);
    }

    /// <inheritdoc/>
    public override void Log(string text, string level = "info") => Output.Log(level, text);

    /// <inheritdoc/>
    public override void Emit(object? value)
    {
        if (!_head.Stream)
        {
            return;
        }

        Output.Flush();
        var frame = FrameBuilder.Begin(WorkerFrameType.Output, _call);
        frame.Json.WriteStartObject();
        if (value is string text)
        {
            frame.Json.WriteString("text"u8, text);
        }
        else
        {
            frame.Json.WritePropertyName("value"u8);
            Results.WriteValue(frame.Json, value);
        }

        frame.Json.WriteEndObject();
        Send(frame);
    }

    /// <inheritdoc/>
    public override void Checkpoint(object? state)
    {
        var frame = FrameBuilder.Begin(WorkerFrameType.Checkpoint, _call);
        frame.Json.WriteStartObject();
        frame.Json.WritePropertyName("state"u8);
        Results.WriteValue(frame.Json, state);
        frame.Json.WriteEndObject();
        Send(frame);
    }

    /// <inheritdoc/>
    public override async Task<T> StepAsync<T>(string name, Func<Task<T>> run)
    {
        var begun = await AskAsync("step.begin", new JsonObject { ["name"] = name });
        if (!begun.TryGetProperty("value"u8, out var kept))
        {
            JsonNode? value;
            try
            {
                value = JsonSerializer.SerializeToNode(await run(), JsonContract.Options);
            }
            catch
            {
                await (IsCancelled ? Task.CompletedTask : AskAsync("step.leave", new JsonObject { ["name"] = name }));
                throw;
            }

            kept = (await AskAsync("step.finish", new JsonObject { ["name"] = name, ["value"] = value })).GetProperty("value"u8);
        }

        return kept.Deserialize<T>(JsonContract.Options)!;
    }

    /// <inheritdoc/>
    public override async Task<Answer<T>> ElicitAsync<T>(string message)
    {
        var answer = await ElicitAsync(message, Forms.Of(typeof(T)));
        return new Answer<T>(answer.Action, answer.IsAccepted ? answer.Content.Deserialize<T>(JsonContract.Options) : default);
    }

    /// <inheritdoc/>
    public override async Task<Answer<JsonElement>> ElicitAsync(string message, JsonElement requestedSchema)
    {
        var reply = await AskAsync("elicit", new JsonObject { ["message"] = message, ["requestedSchema"] = JsonNode.Parse(requestedSchema.GetRawText()) });
        var action = reply.TryGetProperty("action"u8, out var said) ? said.GetString() ?? "cancel" : "cancel";
        return new Answer<JsonElement>(action, reply.TryGetProperty("content"u8, out var content) ? content : default);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyDictionary<string, JsonElement>> AskAsync(object requests)
    {
        var reply = await AskAsync("ask", new JsonObject { ["requests"] = JsonSerializer.SerializeToNode(requests, JsonContract.Options) });
        return reply.EnumerateObject().ToDictionary(answer => answer.Name, answer => answer.Value, StringComparer.Ordinal);
    }

    /// <summary>Asks the host; ends with the call.</summary>
    public Task<JsonElement> AskAsync(string method, JsonObject parameters) =>
        Host.AskAsync(_call, method, json => parameters.WriteTo(json), Cancellation);

    /// <summary>Tells the user's code to end.</summary>
    public void Cancel(string reason)
    {
        CancelReason ??= reason;
        _cancellation.Cancel();
    }

    /// <summary>Nothing of this call is sent after its answer.</summary>
    public void Close()
    {
        Output.Dispose();
        _answered = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _cancellation.Dispose();
    }

    private void Send(FrameBuilder frame)
    {
        if (!_answered)
        {
            _channel.Send(frame);
        }
    }
}
