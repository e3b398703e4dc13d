using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.Benchmarks.Search;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Search;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Whether the right operation is among the first five that a search finds, and what searching costs.</summary>
internal static class ToolSearch
{
    private const int Looked = 5;
    private const double RecallBar = 0.95;
    private static readonly Dictionary<string, double> s_buildBars = new(StringComparer.Ordinal) { ["github"] = 300, ["graph"] = 1500 };

    public static async Task MeasureAsync(Run run)
    {
        List<(JudgedQuestion Question, bool Found)> all = [];
        foreach (var (name, path) in ApiDocuments.All)
        {
            var model = await ApiDocuments.ReadAsync(path);
            var index = Build(run, name, model);
            var questions = JudgedQuestion.Of(name, Path.Combine(Checkout.Root, "benchmarks", "Search", "questions"));
            all.AddRange(questions.Count > 0 ? Ask(run, name, model, index, questions) : []);
        }

        foreach (var set in all.GroupBy(a => a.Question.Set, StringComparer.Ordinal))
        {
            run.Add(Recall($"search: right operation among the first 5, {set.Key} set", set, judged: false));
        }

        run.Add(Recall("search: right operation among the first 5, questions held out", all.Where(a => !a.Question.IsForTuning), judged: false));
        run.Add(Recall("search: right operation among the first 5, all questions", all, judged: true));
    }

    private static ToolIndex Build(Run run, string name, ApiModel model)
    {
        var tools = model.Operations.Select(o => SearchableTool.From(o, o.OperationId ?? o.Pointer, "", Arguments(o))).ToArray();
        ToolIndex.Build(tools);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();
        var index = ToolIndex.Build(tools);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var size = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1048576.0;
        var bar = s_buildBars.TryGetValue(name, out var most) ? most : double.NaN;
        run.Add(new Figure($"search: index of {name} ({tools.Length} operations)", $"{time:0} ms, {size:0.0} MiB", "", null, double.IsNaN(bar) ? "" : $"≤ {bar:0} ms", double.IsNaN(bar) ? null : time <= bar));
        return index;
    }

    private static List<(JudgedQuestion Question, bool Found)> Ask(Run run, string name, ApiModel model, ToolIndex index, IReadOnlyList<JudgedQuestion> questions)
    {
        var byPlace = model.Operations.ToDictionary(o => $"{o.Method} {o.Path}", StringComparer.Ordinal);
        List<(JudgedQuestion, bool)> asked = [];
        List<double> times = [];
        foreach (var question in questions)
        {
            // In a running server .NET has compiled what a search does.
            _ = index.Search(question.Text, Looked, null);
        }

        foreach (var question in questions)
        {
            foreach (var right in question.Right)
            {
                var operation = byPlace.TryGetValue(right, out var found) ? found : throw new InvalidDataException($"{name} has no {right}");
                if (JudgedQuestion.Shared(question.Text, operation).ToArray() is { Length: > 0 } shared)
                {
                    throw new InvalidDataException($"\"{question.Text}\" shares {string.Join(", ", shared)} with {right}");
                }
            }

            var start = Stopwatch.GetTimestamp();
            var hits = index.Search(question.Text, Looked, null);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            asked.Add((question, hits.Any(h => question.Right.Contains($"{model.Operations[h.Tool].Method} {model.Operations[h.Tool].Path}", StringComparer.Ordinal))));
        }

        foreach (var set in asked.GroupBy(a => a.Item1.Set, StringComparer.Ordinal))
        {
            run.Add(new Figure($"search: {name}, right operation among the first 5, {set.Key} set", $"{set.Count(a => a.Item2)} of {set.Count()}", "", null, "", null));
        }

        var median = Percentiles.Median(times);
        run.Add(new Figure($"search: {name}, one search, median", $"{median:0.00} ms", "", null, "≤ 2 ms", median <= 2));
        return asked;
    }

    private static Figure Recall(string name, IEnumerable<(JudgedQuestion Question, bool Found)> asked, bool judged)
    {
        var (found, all) = (asked.Count(a => a.Found), asked.Count());
        var recall = (double)found / all;
        return new Figure(name, $"{found} of {all} ({recall:P1})", "", null, judged ? $"≥ {RecallBar:P0}" : "", judged ? recall >= RecallBar : null);
    }

    private static List<string> Arguments(ApiOperation operation)
    {
        var names = operation.Parameters.Select(p => p.Name).ToList();
        if (operation.Body is { Media: [var media, ..] } && media.Schema.Resolve().Node is { ValueKind: System.Text.Json.JsonValueKind.Object } body
            && body.TryGetProperty("properties", out var properties) && properties.ValueKind == System.Text.Json.JsonValueKind.Object)
        {
            names.AddRange(properties.EnumerateObject().Select(p => p.Name));
        }

        return names;
    }
}
