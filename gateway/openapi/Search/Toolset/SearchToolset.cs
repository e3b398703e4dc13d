using System.Text.Json;

using ToolRuntime.OpenApi.Schemas;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Search.Toolset;

/// <summary>
/// A source of many tools as three: one that finds tools, one that describes them, one that calls them. The list of the three stays under
/// <see cref="LargestList"/> bytes whatever the source. Immutable; answers are JSON in UTF-8.
/// </summary>
public sealed class SearchToolset
{
    /// <summary>Most bytes that the three definitions take together: 1,500 tokens at 4 bytes each.</summary>
    public const int LargestList = 6000;

    /// <summary>Most tools in one answer of a search.</summary>
    public const int MostHits = 25;

    /// <summary>Tools in one answer of a search that does not say how many.</summary>
    public const int UsualHits = 8;

    /// <summary>Most tools that are described at once.</summary>
    public const int MostDescribed = 20;

    private const int NearestNames = 3;
    private readonly Lazy<ToolIndex> _index;
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string>[] _areas;

    /// <summary>The three for <paramref name="tools"/>. The index is built at the first search.</summary>
    /// <param name="tools">The source's tools; their names begin with <paramref name="prefix"/>.</param>
    /// <param name="prefix">What the three names begin with; may be empty.</param>
    /// <param name="title">What the source is called, for the model; may be empty.</param>
    public SearchToolset(IReadOnlyList<ApiTool> tools, string prefix, string title)
    {
        Tools = tools;
        Prefix = prefix;
        _index = new Lazy<ToolIndex>(() => ToolIndex.Build([.. tools.Select(SearchableTool.From)]));
        _areas = [.. tools.Select(AreaTree.Of)];
        for (var tool = 0; tool < tools.Count; tool++)
        {
            _byName[tools[tool].Name] = tool;
        }

        Definitions = ToolsetDefinitions.Write(prefix, title, tools.Count, AreaTree.Describe(_areas, ToolsetDefinitions.LargestTree));
    }

    /// <summary>The source's tools.</summary>
    public IReadOnlyList<ApiTool> Tools { get; }

    /// <summary>What the three names begin with.</summary>
    public string Prefix { get; }

    /// <summary>Name of the tool that finds tools: <c>{query, limit?, tags?}</c>.</summary>
    public string SearchName => Prefix + "search_tools";

    /// <summary>Name of the tool that describes tools: <c>{names}</c>.</summary>
    public string DescribeName => Prefix + "describe_tools";

    /// <summary>Name of the tool that calls a tool: <c>{name, arguments?}</c>.</summary>
    public string CallName => Prefix + "call_tool";

    /// <summary>The three as MCP Tool objects, in the order search, describe, call.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Definitions { get; }

    /// <summary>The tool with exactly that name, or null.</summary>
    public ApiTool? Find(string name) => _byName.TryGetValue(name, out var tool) ? Tools[tool] : null;

    /// <summary>
    /// Answers a search: <c>{"tools":[{"name","summary","required":[…],"readOnly"}]}</c>, best first.
    /// </summary>
    /// <param name="query">A question, a wish or words.</param>
    /// <param name="limit">Most hits wanted; brought into 1 to <see cref="MostHits"/>.</param>
    /// <param name="tags">Tags or areas, one of which a tool must have; empty for all.</param>
    /// <param name="isAllowed">Whether the caller may use a tool; others are not found. Null for all.</param>
    /// <param name="more">Writes further members of a hit, or null.</param>
    public ReadOnlyMemory<byte> Search(string query, int limit, IReadOnlyList<string> tags, Func<ApiTool, bool>? isAllowed, Action<Utf8JsonWriter, ApiTool>? more = null)
    {
        var hits = _index.Value.Search(query, Math.Clamp(limit, 1, MostHits), tool => AreaTree.IsIn(_areas[tool], tags) && isAllowed?.Invoke(Tools[tool]) != false);
        return ToolsetAnswers.Write(writer =>
        {
            writer.WriteStartArray("tools"u8);
            foreach (var hit in hits)
            {
                ToolsetAnswers.WriteHit(writer, Tools[hit.Tool], more);
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>
    /// Answers a description: <c>{"tools":[{"name","description","inputSchema","annotations"}],"unknown":[{"name","nearest":[…]}]}</c>, in the order
    /// of the names; <c>unknown</c> is left out where there is none. Tools that the caller may not use are unknown.
    /// </summary>
    /// <param name="names">Names; those beyond <see cref="MostDescribed"/> are left out.</param>
    /// <param name="isAllowed">Whether the caller may use a tool; null for all.</param>
    /// <param name="shown">In which dialect schemas are written, and what writes further members of a tool, or null.</param>
    public ReadOnlyMemory<byte> Describe(IReadOnlyList<string> names, Func<ApiTool, bool>? isAllowed, (SchemaDialect Dialect, Action<Utf8JsonWriter, ApiTool>? More) shown)
    {
        var asked = names.Distinct(StringComparer.Ordinal).Take(MostDescribed).ToLookup(n => Find(n) is { } tool && isAllowed?.Invoke(tool) != false);
        return ToolsetAnswers.Write(writer =>
        {
            writer.WriteStartArray("tools"u8);
            foreach (var name in asked[true])
            {
                ToolsetAnswers.WriteTool(writer, Find(name)!, shown);
            }

            writer.WriteEndArray();
            if (asked[false].Any())
            {
                writer.WriteStartArray("unknown"u8);
                foreach (var name in asked[false])
                {
                    ToolsetAnswers.WriteUnknown(writer, name, Nearest(name, isAllowed));
                }

                writer.WriteEndArray();
            }
        });
    }

    /// <summary>Names that come nearest to <paramref name="name"/>, nearest first, at most three.</summary>
    public IReadOnlyList<string> Nearest(string name, Func<ApiTool, bool>? isAllowed) =>
        NearestName.Of(name, Tools.Where(t => isAllowed?.Invoke(t) != false).Select(t => t.Name), NearestNames);
}
