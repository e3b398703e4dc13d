using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Sources;

/// <summary>
/// Looks after one remote server: keeps a connection of its own, by which the server tells that its lists changed; looks at them then, when
/// asked to, and every so often; and lets the version with the present lists serve. One that does not answer is tried again, ever less often.
/// </summary>
internal sealed class RemoteWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_unheardRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromMinutes(5);

    private readonly WatchParts _parts;
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _look = new(0, 1);
    private readonly Lock _asking = new();
    private readonly Task _work;
    private TaskCompletionSource<FunctionFault?> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FunctionVersion _version;
    private volatile bool _isUnheard;
    private volatile bool _isAsked;

    public RemoteWatch(FunctionVersion version, WatchParts parts)
    {
        (_version, _parts) = (version, parts);
        Link = ServerAddress.LinkOf(version);
        _work = Task.Run(RunAsync);
    }

    /// <summary>Where the server is and what it is told; another one needs another watch.</summary>
    public string Link { get; }

    /// <summary>Takes note of the version that serves now.</summary>
    public void Serves(FunctionVersion version) => Volatile.Write(ref _version, version);

    /// <summary>Looks at the lists now and returns once that is done: null, or why it could not be. A look that has begun already does not count.</summary>
    public async Task<FunctionFault?> LookAsync(CancellationToken cancellationToken)
    {
        Task<FunctionFault?> looked;
        lock (_asking)
        {
            looked = _next.Task;
            _isAsked = true;
        }

        Wake();
        return await looked.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Begin().TrySetResult(new FunctionFault(FaultCode.ToolNotFound, $"the MCP server '{_version.Manifest.Name}' was removed or changed"));
        _ending.Dispose();
        _look.Dispose();
    }

    private async Task RunAsync()
    {
        var retry = s_firstRetry;
        while (!_ending.IsCancellationRequested)
        {
            var fault = await WatchAsync(() => retry = s_firstRetry);
            if (_ending.IsCancellationRequested)
            {
                return;
            }

            // One that only ended what it told of changes is listened to again at once, and nobody who asks waits for the next time.
            if (!_isAsked)
            {
                await WaitAsync(_isUnheard ? s_unheardRetry : retry, CancellationToken.None);
            }

            retry = TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, s_lastRetry.Ticks));
        }
    }

    /// <summary>One connection from its beginning to its end.</summary>
    private async Task<FunctionFault?> WatchAsync(Action works)
    {
        var look = Begin();
        var fault = await WatchAsync(works, () => look.TrySetResult(null), () => look = Begin());
        if (fault is not null)
        {
            _parts.Failed(_version, fault);
        }

        look.TrySetResult(fault);
        return fault;
    }

    private async Task<FunctionFault?> WatchAsync(Action works, Action looked, Action begins)
    {
        try
        {
            _isUnheard = false;
            await using var connection = await OpenAsync();
            for (var again = false; !_isUnheard && !connection.Closed.IsCancellationRequested && !_ending.IsCancellationRequested; again = true)
            {
                if (again)
                {
                    begins();
                }

                await ListAsync(connection);
                works();
                _parts.Works(_version);
                looked();
                await WaitAsync(TimeSpan.FromSeconds(_version.Manifest.Remote!.RefreshSeconds), connection.Closed);
            }

            return null;
        }
        catch (FunctionFaultException failed)
        {
            return failed.Fault;
        }
        catch (OperationCanceledException)
        {
            return new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server '{_version.Manifest.Name}' did not answer within {s_patience.TotalSeconds:0} s");
        }
        catch (Exception error)
        {
            // The rim of one connection: whatever ended it, the next one is tried.
            return new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server '{_version.Manifest.Name}' failed: {error.Message}");
        }
    }

    private async Task<ServerConnection> OpenAsync()
    {
        using var patience = Patience();
        return await _parts.Dialer.OpenAsync(Address(), _version, isWatch: true, (_, note) => Heard(note), patience.Token);
    }

    private async Task ListAsync(ServerConnection connection)
    {
        using var patience = Patience();
        var before = Volatile.Read(ref _version);
        var transport = _parts.Dialer.FoundOf(before)?.Transport ?? before.Manifest.Remote!.Transport;
        var present = await SourceListing.ReadAsync(connection, before, transport, _parts.Time.GetUtcNow(), patience.Token);
        if (present.Digest != before.Digest && await _parts.Refresh(present, before.Digest, patience.Token))
        {
            _parts.Changed(before, SourceListing.Differences(before, present));
        }
    }

    private ServerAddress Address() => new(_version.Tenant, "", _version.Manifest.Name, Link) { Sharing = ServerSharing.Call };

    private CancellationTokenSource Patience()
    {
        var linked = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        linked.CancelAfter(s_patience);
        return linked;
    }

    private void Heard(ServerNote note)
    {
        _isUnheard |= note.Method == ServerNote.ListsUnheard;
        if (_isUnheard || note.Method is ServerNote.ToolsChanged or ServerNote.PromptsChanged or ServerNote.ResourcesChanged)
        {
            Wake();
        }
    }

    /// <summary>A look begins: who asks from now on waits for the one after it.</summary>
    private TaskCompletionSource<FunctionFault?> Begin()
    {
        lock (_asking)
        {
            var look = _next;
            _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _isAsked = false;
            return look;
        }
    }

    private void Wake()
    {
        lock (_asking)
        {
            if (_look.CurrentCount == 0)
            {
                _look.Release();
            }
        }
    }

    /// <summary>Waits for the time, a wake, the connection's end or the watch's.</summary>
    private async Task WaitAsync(TimeSpan longest, CancellationToken closed)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, closed);
        await using var timer = _parts.Time.CreateTimer(static s => ((RemoteWatch)s!).Wake(), this, longest, Timeout.InfiniteTimeSpan);
        try
        {
            await _look.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }
}
