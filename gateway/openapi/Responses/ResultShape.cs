using System.Text.Json;

using ToolRuntime.OpenApi.Queries;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>What of a JSON answer is wanted.</summary>
/// <param name="Fields">Only these fields, or null for all.</param>
/// <param name="Query">What a query makes of them, or null for themselves.</param>
public sealed record ResultShape(FieldList? Fields, Query? Query)
{
    // An answer was read already, with a bound of its own.
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 1024 };

    /// <summary>The shaped answer, as UTF-8 JSON without white space.</summary>
    public ReadOnlyMemory<byte> Apply(JsonElement document)
    {
        if (Fields is null)
        {
            return Query!.Evaluate(document);
        }

        var projected = Fields.Project(document);
        if (Query is null)
        {
            return projected;
        }

        using var parsed = JsonDocument.Parse(projected, s_deep);
        return Query.Evaluate(parsed.RootElement);
    }

    /// <summary>A shape, or null where nothing is asked for.</summary>
    /// <exception cref="Faults.ApiFaultException">A field or the query cannot be read.</exception>
    public static ResultShape? Parse(IReadOnlyCollection<string>? fields, string? query) => fields is not { Count: > 0 } && string.IsNullOrWhiteSpace(query)
        ? null
        : new ResultShape(fields is { Count: > 0 } ? FieldList.Parse(fields) : null, string.IsNullOrWhiteSpace(query) ? null : Query.Parse(query));
}
