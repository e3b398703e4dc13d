namespace ToolRuntime.Sandbox.Pools;

/// <summary>Decides how many sandboxes stand in each pool. Waiting callers come first; warm spares have what is left; without recent demand nothing stays.</summary>
internal static class PoolSizing
{
    /// <summary>The change for each of <paramref name="pools"/>, in their order.</summary>
    /// <param name="pools">All pools of the instance.</param>
    /// <param name="leased">Sandboxes that are leased, and those that end but are not gone.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="now">The present.</param>
    public static PoolChange[] Plan(IReadOnlyList<PoolState> pools, int leased, PoolRules rules, DateTimeOffset now)
    {
        var boots = new int[pools.Count];
        var ends = new int[pools.Count];
        var free = rules.Maximum - leased - pools.Sum(pool => pool.Warm + pool.Booting);
        for (var i = 0; i < pools.Count; i++)
        {
            ends[i] = Math.Max(0, pools[i].Warm - pools[i].Waiting - Spares(pools[i], rules, now));
            free += ends[i];
        }

        for (var i = 0; i < pools.Count; i++)
        {
            var missing = Math.Max(0, pools[i].Waiting - pools[i].Warm - pools[i].Booting);
            free += Evict(pools, ends, missing - free);
            boots[i] = Math.Clamp(missing, 0, Math.Max(0, free));
            free -= boots[i];
        }

        for (var i = 0; i < pools.Count; i++)
        {
            var isCalm = pools[i].Waiting == 0 && (pools[i].SparesFrom is null || now >= pools[i].SparesFrom);
            var wanted = pools[i].Waiting + (isCalm ? Spares(pools[i], rules, now) : 0);
            var more = Math.Clamp(wanted - pools[i].Warm - pools[i].Booting - boots[i], 0, Math.Max(0, free));
            boots[i] += more;
            free -= more;
        }

        return [.. boots.Zip(ends, (boot, end) => new PoolChange(boot, end))];
    }

    /// <summary>How long a caller at <paramref name="position"/> (1 is the next) still waits, or null while it cannot be known: no boot was timed, or all sandboxes are leased.</summary>
    public static TimeSpan? Estimate(int position, int booting, int parallel, TimeSpan? bootTime) =>
        bootTime is { } one && booting > 0 ? one * Math.Ceiling(position / (double)Math.Max(1, Math.Min(parallel, booting))) : null;

    private static int Spares(PoolState pool, PoolRules rules, DateTimeOffset now) =>
        pool.LastDemand is { } last && now - last < rules.WarmIdle ? rules.WarmTarget : 0;

    // A spare of a pool where nobody waits gives way to a caller who does.
    private static int Evict(IReadOnlyList<PoolState> pools, int[] ends, int missing)
    {
        var evicted = 0;
        for (var i = 0; i < pools.Count && evicted < missing; i++)
        {
            var spare = Math.Min(missing - evicted, pools[i].Warm - pools[i].Waiting - ends[i]);
            if (spare > 0)
            {
                ends[i] += spare;
                evicted += spare;
            }
        }

        return evicted;
    }
}
