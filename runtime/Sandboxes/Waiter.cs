using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>A call that waits for a sandbox.</summary>
internal sealed class Waiter(SandboxKey key, IProgress<WaitingPlace>? progress, DateTimeOffset since)
{
    // The call goes on on the thread that frees the slot: it only writes a frame there.
    private readonly TaskCompletionSource<FunctionSandbox> _granted = new();

    /// <summary>What it may use.</summary>
    public SandboxKey Key { get; } = key;

    /// <summary>Since when.</summary>
    public DateTimeOffset Since { get; } = since;

    /// <summary>When its place was last told.</summary>
    public DateTimeOffset Told { get; set; } = since;

    /// <summary>The sandbox.</summary>
    public Task<FunctionSandbox> Granted => _granted.Task;

    /// <summary>Tells the place.</summary>
    public void Tell(WaitingPlace place) => progress?.Report(place);

    /// <summary>Gives a sandbox; false when nobody waits any more.</summary>
    public bool TryGrant(FunctionSandbox sandbox) => _granted.TrySetResult(sandbox);

    /// <summary>Ends the wait.</summary>
    public void Fail(Exception error) => _granted.TrySetException(error);

    /// <summary>Ends the wait because the call did.</summary>
    public void Cancel(CancellationToken cancellationToken) => _granted.TrySetCanceled(cancellationToken);
}
