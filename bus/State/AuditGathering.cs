using System.Threading.Channels;

namespace ToolRuntime.Bus.State;

/// <summary>Records that gather while those before them are being stored. No timer: a lone one waits for nobody.</summary>
internal sealed class AuditGathering : IAsyncDisposable
{
    private const int Bound = 8192;
    private const int Most = 512;
    private readonly Channel<AuditEntry> _entries = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(Bound) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly Func<List<AuditEntry>, CancellationToken, Task> _store;
    private readonly bool _isBehindOthers;
    private readonly Task _writing;

    /// <param name="store">Stores what has gathered and tells each; never fails.</param>
    /// <param name="isBehindOthers">Whether the work that the pool's threads have now comes first, so that more gather; where there is none, it goes at once.</param>
    public AuditGathering(Func<List<AuditEntry>, CancellationToken, Task> store, bool isBehindOthers)
    {
        (_store, _isBehindOthers) = (store, isBehindOthers);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Takes a record, waiting where the buffer is full, and returns once it is stored.</summary>
    public async ValueTask AddAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        await _entries.Writer.WriteAsync(entry, cancellationToken);
        await entry.Stored.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stores what it has, for at most 2 s.</summary>
    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        _ending.CancelAfter(TimeSpan.FromSeconds(2));
        await _writing;
        _ending.Dispose();
    }

    private async Task WriteAsync()
    {
        while (await _entries.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (_isBehindOthers)
            {
                await Task.Yield();
            }

            var gathered = new List<AuditEntry>();
            while (gathered.Count < Most && _entries.Reader.TryRead(out var entry))
            {
                gathered.Add(entry);
            }

            await _store(gathered, _ending.Token);
        }
    }
}
