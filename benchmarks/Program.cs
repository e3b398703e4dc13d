using System.Globalization;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.Benchmarks.Peers;
using ToolRuntime.Benchmarks.Suites;

Suite[] suites =
[
    new("answers", GatewayAnswers.MeasureAsync),
    new("warm", WarmCalls.MeasureAsync),
    new("inflight", ManyInFlight.MeasureAsync),
    new("inner", InnerCalls.MeasureAsync),
    new("first", FirstCalls.MeasureWarmAsync),
    new("cold", FirstCalls.MeasureColdAsync),
    new("request", RequestIsolation.MeasureAsync),
    new("checkpoint", Checkpoints.MeasureAsync),
    new("checkpointsize", CheckpointSizes.MeasureAsync),
    new("mailbox", MailboxPairs.MeasureAsync),
    new("memory", Standing.MeasureSandboxesAsync),
    new("growth", Standing.MeasureGrowthAsync),
    new("search", ToolSearch.MeasureAsync),
    new("federation", PassThrough.MeasureAsync),
    new("apis", Registrations.MeasureAsync),
    new("converted", ConvertedCalls.MeasureAsync),
    new("corpus", OpenApiCorpus.MeasureAsync),
    new("sandboxes", DrivenSandboxes.MeasureCodeAsync),
    new("transfers", DrivenSandboxes.MeasureTransfersAsync),
    new("leases", DrivenSandboxes.MeasureBurstAsync),
    new("density", DrivenSandboxes.MeasureDensityAsync),
    new("cycles", SandboxCycles.MeasureCyclesAsync),
    new("suspended", SandboxCycles.MeasureSuspendedAsync),
    new("volumes", Volumes.MeasureAsync),
    new("egress", Outward.MeasureAsync),
    new("streams", DurableStreams.MeasureAsync),
    new("sessions", ManySessions.MeasureAsync),
    new("client", BusClient.MeasureAsync),
    new("functions", ManyFunctions.MeasureAsync),
    new("requests", OpenApiCorpus.MeasureRequestsAsync),
];

switch (args)
{
    case ["peer", "kestrel", var port, var size]:
        await KestrelPeer.ServeAsync(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(size, CultureInfo.InvariantCulture));
        return 0;
    case ["peer", "proxy", var port, var upstream]:
        await RawProxyPeer.ServeAsync(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(upstream, CultureInfo.InvariantCulture));
        return 0;
    case ["peer", "api", var port]:
        await ApiPeer.ServeAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["peer", "server", var port]:
        await McpServerPeer.ServeAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case [LoadProcess.Verb]:
        return LoadProcess.Serve();
}

var names = args.Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToList();
if (args.FirstOrDefault(a => a.StartsWith("--", StringComparison.Ordinal) && a != "--write" && !a.StartsWith("--seed=", StringComparison.Ordinal)) is { } option)
{
    Console.Error.WriteLine($"no such option: {option}; there are --write (into docs/PERFORMANCE.md) and --seed=NUMBER, and names of benchmarks: {string.Join(", ", suites.Select(s => s.Name))}");
    return 2;
}

if (names.Except(suites.Select(s => s.Name), StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
{
    Console.Error.WriteLine($"no such benchmark: {string.Join(", ", unknown)}; there are: {string.Join(", ", suites.Select(s => s.Name))}");
    return 2;
}

var seed = args.FirstOrDefault(a => a.StartsWith("--seed=", StringComparison.Ordinal)) is { } given ? int.Parse(given[7..], CultureInfo.InvariantCulture) : Random.Shared.Next();
var report = new Report(Checkout.Describe(), DateTimeOffset.UtcNow, seed, Console.Out);
Console.Out.WriteLine($"{Checkout.Describe()}; seed {seed}");
var selected = suites.Where(s => names.Count == 0 || names.Contains(s.Name, StringComparer.Ordinal)).ToList();
var measured = new List<string>();
foreach (var suite in selected)
{
    Console.Out.WriteLine($"{suite.Name}:");
    try
    {
        await suite.Measure(new Run(suite.Name, report, seed));
        measured.Add(suite.Name);
    }
    catch (Exception error)
    {
        // The rim: one broken benchmark must not take the figures of the others with it.
        Console.Error.WriteLine($"  {suite.Name} broke: {error}");
    }
}

if (args.Contains("--write"))
{
    var page = Path.Combine(Checkout.Root, "docs", "PERFORMANCE.md");
    await File.WriteAllTextAsync(page, report.WriteTo(await File.ReadAllTextAsync(page), measured, [.. suites.Select(s => s.Name)]));
}

return measured.Count == selected.Count && report.AllPassed ? 0 : 1;
