using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>Steps of one call: each name is done once. A second one of a name that is being done waits for the first.</summary>
internal sealed class CallSteps(CallKeep keep, CallEvents events)
{
    private const int Most = 10_000;
    private const int LongestName = 200;
    private readonly Dictionary<string, TaskCompletionSource> _open = new(StringComparer.Ordinal);
    private int _done;

    /// <summary>What an earlier worker had begun is nobody's any more.</summary>
    public void BeginAttempt()
    {
        string[] left;
        lock (_open)
        {
            left = [.. _open.Keys];
        }

        Array.ForEach(left, Leave);
    }

    /// <summary>The kept result, or null where the caller must do the step now, and then say <see cref="FinishAsync"/> or <see cref="Leave"/>.</summary>
    /// <exception cref="FunctionFaultException">The name does not fit, or there are too many steps.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> BeginAsync(string name, CancellationToken cancellationToken)
    {
        if (name.Length is 0 or > LongestName)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"a step's name has {name.Length} characters, 1 to {LongestName} are allowed");
        }

        while (Open(name) is { } other)
        {
            await other.Task.WaitAsync(cancellationToken);
        }

        try
        {
            if (await keep.StepAsync(name, cancellationToken) is { } kept)
            {
                Leave(name);
                return kept;
            }

            return Interlocked.Increment(ref _done) <= Most ? null : throw new FunctionFaultException(FaultCode.QuotaExceeded, $"a call has at most {Most} steps", "do more in each");
        }
        catch
        {
            Leave(name);
            throw;
        }
    }

    /// <summary>Keeps the result of a step, after the checkpoints before it; gives what is kept.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> FinishAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken)
    {
        try
        {
            await events.SavedAsync().WaitAsync(cancellationToken);
            return await keep.FinishStepAsync(name, result, cancellationToken);
        }
        finally
        {
            Leave(name);
        }
    }

    /// <summary>The step is no longer being done.</summary>
    public void Leave(string name)
    {
        lock (_open)
        {
            if (_open.Remove(name, out var ended))
            {
                ended.TrySetResult();
            }
        }
    }

    private TaskCompletionSource? Open(string name)
    {
        lock (_open)
        {
            if (_open.TryGetValue(name, out var other))
            {
                return other;
            }

            _open[name] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return null;
        }
    }
}
