using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// The way out of one sandbox: its rules as they hold now, its connections, what it has sent and got. Without rules nothing goes out, and once it
/// is disposed nothing does either.
/// </summary>
internal sealed partial class EgressProxy : IAsyncDisposable
{
    /// <summary>Most connections of one sandbox at once.</summary>
    public const int MostConnections = 512;

    private readonly ConcurrentDictionary<EgressConnection, Task> _connections = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly PackageMirrors _mirrors;
    private EgressPolicy _policy;
    private int _open;

    /// <summary>A sandbox's.</summary>
    /// <param name="services">What all share.</param>
    /// <param name="tenant">Whose secrets may be used.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="mirrors">What it may reach beside what the rules say.</param>
    /// <param name="log">Takes its decisions.</param>
    public EgressProxy(EgressServices services, string tenant, EgressRules rules, PackageMirrors mirrors, DecisionLog log)
    {
        (Services, Tenant, _mirrors, Log) = (services, tenant, mirrors, log);
        _policy = PolicyOf(rules);
        Budget = new EgressBudget(services.Time);
    }

    /// <summary>The policy that holds now.</summary>
    public EgressPolicy Policy => Volatile.Read(ref _policy);

    /// <summary>Bytes so far, and their speed.</summary>
    public EgressBudget Budget { get; }

    /// <summary>What was decided.</summary>
    public DecisionLog Log { get; }

    /// <summary>Connections that are open.</summary>
    public int Open => Volatile.Read(ref _open);

    internal EgressServices Services { get; }

    internal string Tenant { get; }

    /// <summary>Puts other rules into force, for what is open too: what they no longer allow is cut before this returns.</summary>
    public void SetRules(EgressRules rules)
    {
        var policy = PolicyOf(rules);
        Volatile.Write(ref _policy, policy);
        foreach (var connection in _connections.Keys)
        {
            connection.Recheck(policy);
        }
    }

    /// <summary>Serves one stream that the agent has opened, to its end; never faults. The agent's client closes the stream.</summary>
    public async ValueTask ServeAsync(EgressRequest request, Stream stream, CancellationToken cancellationToken)
    {
        using var connection = new EgressConnection(this, request, (HalfClosableStream)stream, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token));
        var isOneTooMany = Interlocked.Increment(ref _open) > MostConnections;
        var served = connection.RunAsync(isOneTooMany);
        _connections[connection] = served;
        try
        {
            // Rules that changed before it stood in the table were not told to it.
            connection.Recheck(Policy);
            await served;
        }
        catch (Exception error)
        {
            // The rim of one connection: whatever a sandbox brought about ends it and nothing else.
            LogBroken(Services.Logger, error);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            Interlocked.Decrement(ref _open);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _policy, EgressPolicy.Nothing);
        await _ending.CancelAsync();
        await Task.WhenAll(_connections.Values).ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private EgressPolicy PolicyOf(EgressRules rules) => EgressPolicy.Of(rules with { Hosts = [.. rules.Hosts, .. _mirrors.Rules] }, _mirrors.Hosts);

    [LoggerMessage(Level = LogLevel.Error, Message = "A connection out of a sandbox broke")]
    private static partial void LogBroken(ILogger logger, Exception error);
}
