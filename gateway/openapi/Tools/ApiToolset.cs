using System.Collections.Frozen;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Names;
using ToolRuntime.OpenApi.Reports;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>The tools of one API, in the document's order. Immutable; schemas are written when asked for.</summary>
public sealed class ApiToolset
{
    private const int SmallestBudget = 512;

    private readonly ApiModel _model;
    private readonly SchemaTables _tables;
    private readonly List<LedgerEntry> _left;
    private readonly FrozenDictionary<string, ApiTool> _byName;

    private ApiToolset(ApiModel model, SchemaTables tables, IReadOnlyList<ApiTool> tools, List<LedgerEntry> left, NameLock names)
    {
        (_model, _tables, Tools, _left, Lock) = (model, tables, tools, left, names);
        _byName = tools.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>The tools.</summary>
    public IReadOnlyList<ApiTool> Tools { get; }

    /// <summary>All names given out so far, to be kept and given to the next <see cref="Build"/>.</summary>
    public NameLock Lock { get; }

    /// <summary>Makes the tools of an API.</summary>
    /// <param name="model">The API.</param>
    /// <param name="options">Which operations, and how.</param>
    /// <param name="known">Names given out before, or null.</param>
    /// <exception cref="ArgumentException">The prefix is too long or has other characters, or the budget is too small.</exception>
    public static ApiToolset Build(ApiModel model, ToolOptions options, NameLock? known)
    {
        if (options.Prefix.Length > ToolOptions.LongestPrefix || !options.Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            throw new ArgumentException($"the prefix '{options.Prefix}' is not at most {ToolOptions.LongestPrefix} letters, digits, '_' and '-'", nameof(options));
        }

        if (options.SchemaBudget < SmallestBudget)
        {
            throw new ArgumentException($"a schema needs at least {SmallestBudget} bytes", nameof(options));
        }

        var left = new List<LedgerEntry>();
        var wanted = new List<(ApiOperation Operation, McpExtension Extension)>(model.Operations.Count);
        foreach (var operation in model.Operations)
        {
            var extension = McpExtension.Of(operation);
            if (OperationFilter.Reason(operation, extension, options) is { } reason)
            {
                left.Add(new LedgerEntry(operation.Key, operation.Pointer, reason));
            }
            else
            {
                wanted.Add((operation, extension));
            }
        }

        // Filters must not rename: names are given to what the document has, not to what is asked for.
        var (names, locked) = ToolNamer.Name([.. model.Operations.Select(o => (o, McpExtension.Of(o).Name))], options.Prefix, known);
        var tables = new SchemaTables(model.Format);
        return new ApiToolset(model, tables, [.. wanted.Select(w => Tool(model, w.Operation, w.Extension, names[w.Operation.Key], (tables, options.SchemaBudget)))], left, locked);
    }

    /// <summary>The tool of a name, or null.</summary>
    public ApiTool? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>What became of every operation, without warnings that only the writing of schemas would bring.</summary>
    public ConversionLedger Outline() => Ledger([.. _model.Warnings]);

    /// <summary>What became of every operation. Writes every schema first: only then is all known that had to be gone around.</summary>
    public ConversionLedger Ledger()
    {
        foreach (var tool in Tools)
        {
            _ = tool.InputSchema;
            _ = tool.OutputSchema;
        }

        return Ledger([.. _model.Warnings, .. _tables.Notes.All]);
    }

    private ConversionLedger Ledger(IReadOnlyList<ApiWarning> warnings) => new()
    {
        Title = $"{_model.Title} {_model.Version}".Trim(),
        Format = _model.Format,
        Callable = [.. Tools.Select(t => new LedgerEntry(t.Operation.Key, t.Operation.Pointer, t.Name))],
        Left = _left,
        Refusals = _model.Refusals,
        Warnings = warnings,
    };

    private static ApiTool Tool(ApiModel model, ApiOperation operation, McpExtension extension, string name, (SchemaTables Tables, int Budget) schemas)
    {
        var media = operation.Body is { } body ? MediaChoice.Request(body) : null;
        var arguments = ArgumentPlan.Of(operation, media, model.SecuritySchemes);
        return new ApiTool(operation, new ToolSchemas(operation, media, schemas.Tables, schemas.Budget, () => arguments))
        {
            Name = name,
            Title = ToolWords.Title(operation, extension),
            Description = ToolWords.Description(operation, extension),
            Annotations = ToolWords.Annotations(operation, extension),
            Bindings = [.. arguments.Select(a => a.Binding)],
            BodyMedia = media,
        };
    }
}
