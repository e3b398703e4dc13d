using System.Collections.Concurrent;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Legacy;

/// <summary>What one client with a handshake has said and has under way. Its id is an id of ours and names the session of its calls.</summary>
public sealed class LegacySession : IDisposable
{
    private const int MaximumKept = 256;

    private readonly ConcurrentDictionary<string, LegacyCall> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();
    private readonly CancellationTokenSource _ended = new();
    private volatile LegacyListener? _listener;

    /// <summary>A session that begins.</summary>
    public LegacySession(Caller caller, ProtocolRevision revision, ReadOnlyMemory<byte> capabilities, long now)
    {
        (Caller, Revision, LastUsed) = (caller, revision, now);

        // Taken once: a session may end, and its source with it, between two steps of a request.
        Ended = _ended.Token;
        HasElicitation = Has(capabilities, "elicitation"u8);
        HasSampling = Has(capabilities, "sampling"u8);
        HasRoots = Has(capabilities, "roots"u8);
    }

    /// <summary>Its id.</summary>
    public string Id { get; } = Ids.New();

    /// <summary>Whose it is; nobody else may use it.</summary>
    public Caller Caller { get; }

    /// <summary>Name of the scope of the endpoint where it began; it is not known at others.</summary>
    public string Scope { get; init; } = "";

    /// <summary>What was agreed on.</summary>
    public ProtocolRevision Revision { get; }

    /// <summary>Whether the client can be asked for input.</summary>
    public bool HasElicitation { get; }

    /// <summary>Whether the client samples models.</summary>
    public bool HasSampling { get; }

    /// <summary>Whether the client tells its roots.</summary>
    public bool HasRoots { get; }

    /// <summary>Least severe log level that the client wants.</summary>
    public LogSeverity LogLevel { get; set; } = LogSeverity.Info;

    /// <summary>The tools that stood when it began or last listed them: where others stand when it opens its stream, it is told so.</summary>
    public TenantTools? Listed { get; set; }

    /// <summary>Whether it may have sandboxes of its own.</summary>
    public bool KeepsState { get; set; }

    /// <summary>Timestamp of the last use.</summary>
    public long LastUsed { get; set; }

    /// <summary>Ends with the session.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Whether the client can answer a request of <paramref name="method"/>.</summary>
    public bool CanAnswer(string method) => InputRequests.Capability(method) switch
    {
        "elicitation" => HasElicitation,
        "sampling" => HasSampling,
        "roots" => HasRoots,
        _ => false,
    };

    /// <summary>Whether the client wants a note: of log lines those from its level on.</summary>
    public bool Wants(ServerNote note) =>
        note.Method != ServerNote.Message || LogSeverities.Parse(RawJson.Text(RawJson.Member(note.Parameters, "level"u8))) >= LogLevel;

    /// <summary>Keeps a call, so that it can be resumed, answered and cancelled; of those that ended, the oldest go.</summary>
    public void Keep(LegacyCall call)
    {
        _calls[call.Invocation.Id] = call;
        _order.Enqueue(call.Invocation.Id);
        while (_order.Count > MaximumKept && _order.TryDequeue(out var oldest))
        {
            _calls.TryRemove(oldest, out _);
        }
    }

    /// <summary>A call that was kept, or null.</summary>
    public LegacyCall? Find(string invocation) => _calls.GetValueOrDefault(invocation);

    /// <summary>The call that answers the client's request <paramref name="requestId"/>, or null.</summary>
    public LegacyCall? FindByRequest(ReadOnlySpan<byte> requestId)
    {
        foreach (var call in _calls.Values)
        {
            if (!call.IsOver && call.RequestId.Span.SequenceEqual(requestId))
            {
                return call;
            }
        }

        return null;
    }

    /// <summary>All calls that are under way.</summary>
    public IEnumerable<LegacyCall> Running => _calls.Values.Where(c => !c.IsOver);

    /// <summary>The newest GET stream gets what belongs to no request, for a message goes to one stream only.</summary>
    public void Listen(LegacyListener listener) => _listener = listener;

    /// <summary>Whether <paramref name="listener"/> is that of the newest GET stream.</summary>
    public bool IsNewest(LegacyListener listener) => ReferenceEquals(_listener, listener);

    /// <summary>Ends the session's streams.</summary>
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    private static bool Has(ReadOnlyMemory<byte> capabilities, ReadOnlySpan<byte> name) => RawJson.IsObject(RawJson.Member(capabilities, name));
}
