using System.Collections.Concurrent;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>What was dropped from schemas while they were converted. Bounded; each said once.</summary>
internal sealed class SchemaNotes
{
    private const int Most = 1_000;
    private readonly ConcurrentDictionary<ApiWarning, int> _notes = new();

    public IReadOnlyList<ApiWarning> All => [.. _notes.OrderBy(n => n.Value).Select(n => n.Key)];

    public void Add(string code, string pointer, string message)
    {
        if (_notes.Count < Most)
        {
            _notes.TryAdd(new ApiWarning(code, pointer, message), _notes.Count);
        }
    }
}
