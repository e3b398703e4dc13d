using System.Net;
using System.Net.Sockets;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// The addresses of names, resolved here and kept shortly. Bounded: when it is full, what is old goes, or else all of it. Those who ask for one
/// name at the same time share one question.
/// </summary>
internal sealed class NameCache(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time)
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private const int Most = 1024;
    private const int MostAddresses = 16;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Task<IPAddress[]> Addresses, long At)> _known = new(StringComparer.Ordinal);

    /// <summary>The addresses of a host; itself where it is an address.</summary>
    /// <exception cref="EgressFailedException">It has none, or nobody says which in time.</exception>
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(EgressHost host, CancellationToken cancellationToken)
    {
        if (host.Address is { } address)
        {
            return [address];
        }

        try
        {
            return await Find(host.Text).WaitAsync(s_longest, time, cancellationToken);
        }
        catch (Exception error) when (error is SocketException or TimeoutException or ArgumentException)
        {
            Forget(host.Text);
            throw new EgressFailedException($"the name {host.Text} cannot be resolved", error);
        }
    }

    private Task<IPAddress[]> Find(string name)
    {
        lock (_gate)
        {
            if (_known.TryGetValue(name, out var known) && time.GetElapsedTime(known.At) < Kept)
            {
                return known.Addresses;
            }

            if (_known.Count >= Most)
            {
                Shrink();
            }

            var addresses = AskAsync(name);
            _known[name] = (addresses, time.GetTimestamp());
            return addresses;
        }
    }

    private async Task<IPAddress[]> AskAsync(string name)
    {
        // Outside of the lock, whatever the resolver does before its first wait.
        await Task.Yield();
        using var deadline = new CancellationTokenSource(s_longest, time);
        try
        {
            return [.. (await resolve(name, deadline.Token)).Take(MostAddresses)];
        }
        catch (OperationCanceledException error)
        {
            throw new TimeoutException($"{name} was not resolved in time", error);
        }
    }

    private void Forget(string name)
    {
        lock (_gate)
        {
            _known.Remove(name);
        }
    }

    private void Shrink()
    {
        foreach (var name in _known.Where(k => time.GetElapsedTime(k.Value.At) >= Kept).Select(k => k.Key).ToList())
        {
            _known.Remove(name);
        }

        if (_known.Count >= Most)
        {
            _known.Clear();
        }
    }
}
