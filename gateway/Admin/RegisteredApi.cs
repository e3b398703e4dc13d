using ToolRuntime.Gateway.Apis;

namespace ToolRuntime.Gateway.Admin;

/// <summary>An API that serves now.</summary>
/// <param name="Source">It.</param>
/// <param name="Changed">False where the same version served already.</param>
/// <param name="Report">UTF-8 JSON: what became of each operation.</param>
public sealed record RegisteredApi(ServedApi Source, bool Changed, ReadOnlyMemory<byte> Report)
{
    /// <summary>The tools that lists show of it.</summary>
    public IEnumerable<string> Listed => Source.IsLarge ? Source.Verbs.Select(v => v.Tool.Name) : Source.Tools.Select(t => t.Name).Concat(Source.Verbs.Select(v => v.Tool.Name));
}
