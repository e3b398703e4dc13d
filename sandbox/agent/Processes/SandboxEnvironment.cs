using System.Collections;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>The environment of processes that are started later: the sandbox's own, as the host has changed it.</summary>
internal sealed class SandboxEnvironment
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    internal SandboxEnvironment()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            _variables[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        _variables.TryAdd("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        _variables.TryAdd("LANG", "C.UTF-8");
    }

    /// <summary>What the host has set and not taken away again.</summary>
    internal IReadOnlyDictionary<string, string> Changed()
    {
        lock (_gate)
        {
            return _changed.Where(_variables.ContainsKey).ToDictionary(name => name, name => _variables[name], StringComparer.Ordinal);
        }
    }

    internal void Change(IReadOnlyDictionary<string, string>? set, IReadOnlyList<string>? unset)
    {
        lock (_gate)
        {
            foreach (var (name, value) in set ?? new Dictionary<string, string>(StringComparer.Ordinal))
            {
                _variables[name] = value;
                _changed.Add(name);
            }

            foreach (var name in unset ?? [])
            {
                _variables.Remove(name);
            }
        }
    }

    internal IReadOnlyDictionary<string, string> With(IReadOnlyDictionary<string, string>? more)
    {
        lock (_gate)
        {
            var all = new Dictionary<string, string>(_variables, StringComparer.Ordinal);
            foreach (var (name, value) in more ?? new Dictionary<string, string>(StringComparer.Ordinal))
            {
                all[name] = value;
            }

            return all;
        }
    }
}
