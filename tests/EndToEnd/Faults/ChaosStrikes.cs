namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>Kills and pauses gateways, runtimes and the message server, one after the other, as a seed says; what was killed is started again at once.</summary>
internal sealed class ChaosStrikes(IReadOnlyList<Part> gateways, IReadOnlyList<Part> runtimes, Random random)
{
    /// <summary>Longer than the ack deadline: who wakes up finds that its calls belong to others.</summary>
    private static readonly TimeSpan s_pastTheDeadline = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private readonly Dictionary<object, Task> _struck = [];
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>What was done, and how often.</summary>
    public string Summary => string.Join(", ", _counts.Select(c => $"{c.Value} × {c.Key}"));

    /// <summary>Strikes as often, a random while apart; returns once all are back.</summary>
    public async Task RunAsync(int strikes, CancellationToken cancellationToken)
    {
        for (var strike = 0; strike < strikes;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 1500)), cancellationToken);
            var (name, victim, act) = Next();
            if (_struck.GetValueOrDefault(victim) is { IsCompletedSuccessfully: false } before)
            {
                // Still away; a failure to come back is one of the test.
                Assert.False(before.IsFaulted, before.Exception?.ToString());
                continue;
            }

            _struck[victim] = act();
            _counts[name] = _counts.GetValueOrDefault(name) + 1;
            strike++;
        }

        await Task.WhenAll(_struck.Values).WaitAsync(cancellationToken);
    }

    private (string Name, object Victim, Func<Task> Act) Next()
    {
        var (gateway, runtime) = (gateways[random.Next(gateways.Count)], runtimes[random.Next(runtimes.Count)]);
        var pause = TimeSpan.FromMilliseconds(random.Next(100, 3000));
        return random.Next(20) switch
        {
            < 4 => ("kill gateway", gateway, () => RestartAsync(gateway)),
            < 8 => ("kill runtime", runtime, () => RestartAsync(runtime)),
            < 12 => ("kill nats-server", this, KillServerAsync),
            < 15 => ("pause gateway", gateway, () => Part.PauseAsync(gateway.ProcessId, pause)),
            < 17 => ("pause runtime", runtime, () => Part.PauseAsync(runtime.ProcessId, pause)),
            < 18 => ("pause runtime for long", runtime, () => Part.PauseAsync(runtime.ProcessId, s_pastTheDeadline)),
            _ => ("pause nats-server", this, () => Part.PauseAsync(gateways[0].NatsProcessId, pause)),
        };
    }

    private static async Task RestartAsync(Part part)
    {
        await part.KillAsync();
        await part.UpAsync();
    }

    /// <summary>Ends once its supervisor, which may be away itself, has started another.</summary>
    private async Task KillServerAsync()
    {
        var before = ServerProcess();
        try
        {
            await gateways[0].KillNatsAsync();
        }
        catch (ArgumentException)
        {
            // Its supervisor was just about to replace it.
        }

        while (ServerProcess() is var now && (now == before || now == 0))
        {
            await Task.Delay(s_look);
        }
    }

    /// <summary>0 while it is being replaced.</summary>
    private int ServerProcess()
    {
        try
        {
            return gateways[0].NatsProcessId;
        }
        catch (Exception error) when (error is IOException or FormatException)
        {
            return 0;
        }
    }
}
