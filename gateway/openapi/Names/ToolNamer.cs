using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Names;

/// <summary>
/// Names for all operations of an API at once. A name depends on the operation, on who else wants the same, and on the lock; never on the order
/// of the document. Names that differ only in case count as the same.
/// </summary>
internal static class ToolNamer
{
    /// <summary>What a source has beside its operations: an operation that is called so gets another name.</summary>
    private static readonly string[] s_reserved = ["read_more", "expand_schema", "search_tools", "describe_tools", "call_tool", "run_script"];

    /// <summary>The names by operation key, and the lock with them added.</summary>
    /// <param name="operations">Operations with the name that their document wants for them, if any.</param>
    /// <param name="prefix">What every name begins with.</param>
    /// <param name="known">Names given out before, or null.</param>
    public static (IReadOnlyDictionary<string, string> Names, NameLock Lock) Name(IReadOnlyList<(ApiOperation Operation, string? Wanted)> operations, string prefix, NameLock? known)
    {
        var locked = known is not null && known.Prefix == prefix ? known.Names : new Dictionary<string, string>(StringComparer.Ordinal);
        var taken = new HashSet<string>([.. locked.Values, .. s_reserved.Select(r => prefix + r)], StringComparer.OrdinalIgnoreCase);
        var names = new Dictionary<string, string>(operations.Count, StringComparer.Ordinal);
        var open = new List<(string Key, string Plain)>();
        foreach (var (operation, wanted) in operations)
        {
            if (locked.TryGetValue(operation.Key, out var name))
            {
                names[operation.Key] = name;
            }
            else
            {
                open.Add((operation.Key, OperationNames.Plain(operation, wanted)));
            }
        }

        var wishes = open.GroupBy(o => OperationNames.Fit(o.Plain, o.Key, prefix.Length), StringComparer.OrdinalIgnoreCase);
        foreach (var wish in wishes.OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            var isTied = wish.Skip(1).Any() || taken.Contains(prefix + wish.Key);
            foreach (var (key, plain) in wish.OrderBy(w => w.Key, StringComparer.Ordinal))
            {
                var name = prefix + (isTied ? OperationNames.Hashed(plain, key, prefix.Length) : OperationNames.Fit(plain, key, prefix.Length));
                names[key] = taken.Add(name) ? name : Longer(plain, key, prefix, taken);
            }
        }

        var all = locked.ToDictionary(StringComparer.Ordinal);
        foreach (var (key, name) in names)
        {
            all[key] = name;
        }

        return (names, new NameLock { Prefix = prefix, Names = all });
    }

    /// <summary>Two hashes begin alike, or a document imitates one.</summary>
    private static string Longer(string plain, string key, string prefix, HashSet<string> taken)
    {
        for (var digits = 12; ; digits += 4)
        {
            var name = prefix + OperationNames.Hashed(plain, key + new string('+', Math.Max(0, digits - 20)), prefix.Length, Math.Min(digits, 20));
            if (taken.Add(name))
            {
                return name;
            }
        }
    }
}
