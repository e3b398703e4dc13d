using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Collection;

/// <summary>
/// Which versions, layers and packages nobody needs any more. Pure. Kept is
/// <list type="bullet">
/// <item>a version that serves, the newest of each function for <c>rollback</c>, and what a live session uses;</item>
/// <item>a version while a call to it may still run: it was accepted before the version retired, and ends within the function's timeout;</item>
/// <item>a version while sandboxes of it may still stand idle, and one that was built within the grace, whose name may be about to move to it;</item>
/// <item>a layer that any kept version names, and any layer or package that was stored, or asked for, within the grace.</item>
/// </list>
/// </summary>
public static class CollectionRule
{
    private const string LayerKind = "layer";

    /// <summary>The plan for what is stored at <paramref name="now"/>.</summary>
    public static CollectionPlan Plan(StoreView view, CollectionOptions options, DateTimeOffset now)
    {
        var records = RecordsByDigest(view.Records);
        var going = view.Versions.Where(v => Goes(v, records.GetValueOrDefault((v.Tenant, v.Digest)), view, options, now)).Take(options.MaximumPerRound).ToList();
        var gone = going.Select(v => (v.Tenant, v.Digest)).ToHashSet();
        var stored = view.Versions.Select(v => (v.Tenant, v.Digest)).ToHashSet();
        stored.ExceptWith(gone);
        var layers = view.Versions.Where(v => stored.Contains((v.Tenant, v.Digest))).SelectMany(v => v.Layers.Select(l => (v.Tenant, l.Digest))).ToHashSet();
        var objects = view.Objects
            .Where(o => now - o.ModifiedAt >= options.Grace && !(o.Kind == LayerKind && layers.Contains((o.Tenant, o.Digest))))
            .Take(options.MaximumPerRound);
        return new CollectionPlan([.. Changed(view.Records, stored, options, now)], going, [.. objects]);
    }

    /// <summary>When a version that retired at <paramref name="since"/> can have neither calls nor idle sandboxes any more.</summary>
    public static DateTimeOffset FreeAt(FunctionVersion version, DateTimeOffset since, TimeSpan grace) =>
        since + TimeSpan.FromSeconds(Math.Max(version.Manifest.TimeoutSeconds, version.Manifest.Pool.IdleSeconds)) + grace;

    private static Dictionary<(string Tenant, string Digest), FunctionRecord> RecordsByDigest(IEnumerable<FunctionRecord> records)
    {
        var found = new Dictionary<(string, string), FunctionRecord>();
        foreach (var record in records)
        {
            foreach (var digest in record.Active.Select(a => a.Digest).Concat(record.History).Concat(record.Retired.Keys))
            {
                found[(record.Tenant, digest)] = record;
            }
        }

        return found;
    }

    private static bool Goes(FunctionVersion version, FunctionRecord? record, StoreView view, CollectionOptions options, DateTimeOffset now)
    {
        if (now - version.CreatedAt < options.Grace || view.InSessions.Contains((version.Tenant, version.Digest)))
        {
            return false;
        }

        // Built, and never served: a name that moved to it would have made a record of it.
        return record is null || (!IsKept(version.Digest, record, options) && now >= FreeAt(version, RetiredAt(version.Digest, record), options.Grace));
    }

    private static bool IsKept(string digest, FunctionRecord record, CollectionOptions options) =>
        record.Active.Any(a => a.Digest == digest) || record.History.Take(options.KeepVersions).Contains(digest, StringComparer.Ordinal);

    private static DateTimeOffset RetiredAt(string digest, FunctionRecord record) =>
        record.Retired.TryGetValue(digest, out var since) ? since : record.UpdatedAt;

    /// <summary>Records without what is no longer stored. What lies beyond the kept ones can no longer be rolled back to, though it may be stored for a while.</summary>
    private static IEnumerable<FunctionRecord> Changed(IEnumerable<FunctionRecord> records, HashSet<(string Tenant, string Digest)> stored, CollectionOptions options, DateTimeOffset now)
    {
        foreach (var record in records)
        {
            var history = record.History.Where(d => IsKept(d, record, options)).ToList();
            var retired = record.Retired.Where(r => stored.Contains((record.Tenant, r.Key))).ToDictionary(StringComparer.Ordinal);
            foreach (var passed in record.History.Except(history, StringComparer.Ordinal).Where(d => stored.Contains((record.Tenant, d))))
            {
                retired.TryAdd(passed, RetiredAt(passed, record));
            }

            var isOver = record.Active.Count == 0 && retired.Count == 0 && now - record.UpdatedAt >= options.Grace;
            if (isOver || history.Count != record.History.Count || retired.Count != record.Retired.Count)
            {
                yield return record with { History = history, Retired = retired };
            }
        }
    }
}
