using System.Text.Json;

namespace ToolRuntime.OpenApi.Queries;

/// <summary>A query over JSON: JMESPath's fields, indexes, slices, wildcards, filters, lists, hashes, pipes, and its commonest functions, with bounds.</summary>
public sealed class Query
{
    private const int LongestText = 4096;
    private const int MostSteps = 2_000_000;

    private readonly QueryNode _node;

    private Query(QueryNode node) => _node = node;

    /// <summary>Reads a query.</summary>
    /// <exception cref="Faults.ApiFaultException">It is none; says where.</exception>
    public static Query Parse(string text) => text.Length <= LongestText
        ? new Query(new QueryParser(new QueryLexer(text).Read()).ReadAll())
        : throw QueryRun.Fault($"is longer than {LongestText} characters");

    /// <summary>The result for a document, as UTF-8 JSON.</summary>
    /// <exception cref="Faults.ApiFaultException">A function does not fit its argument, or the work is too much.</exception>
    public ReadOnlyMemory<byte> Evaluate(JsonElement document)
    {
        using var result = new MemoryStream();
        using (var writer = new Utf8JsonWriter(result, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            _node.Evaluate(QueryValue.Of(document), new QueryRun(MostSteps)).Write(writer);
        }

        return result.ToArray();
    }
}
