using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Machine;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>The way out of a sandbox, against the same program on the host: each request on a connection of its own, to a server on the host's loopback.</summary>
internal static partial class Outward
{
    private const int Requests = 300;
    private const int Downloads = 4;
    private const int LargeBytes = 64 << 20;
    private const double Bar = 3;

    public static async Task MeasureAsync(Run run)
    {
        using var small = OwnPeer.Start("kestrel", out var smallPort, "200");
        using var large = OwnPeer.Start("kestrel", out var largePort, LargeBytes.ToString(CultureInfo.InvariantCulture));
        await using var instance = await Instance.StartAsync();
        var (answer, _) = await instance.Mcp.CallAsync("sandbox_create", """{"template":"base","allowHosts":["127.0.0.1"]}""");
        var session = Session().Match(answer) is { Success: true } found ? found.Groups["id"].Value : throw new InvalidDataException($"no session: {answer}");
        List<double> direct = [];
        List<double> outward = [];
        List<double> directRate = [];
        List<double> outwardRate = [];
        await InsideAsync(instance, session, smallPort, Requests);
        for (var round = 0; round < Run.Rounds; round++)
        {
            direct.Add((await OnHostAsync(smallPort, Requests)).Median);
            outward.Add((await InsideAsync(instance, session, smallPort, Requests)).Median);
            directRate.Add((await OnHostAsync(largePort, Downloads)).Rate);
            outwardRate.Add((await InsideAsync(instance, session, largePort, Downloads)).Rate);
        }

        await instance.Mcp.CallAsync("sandbox_kill", $$"""{"session":"{{session}}"}""");
        var (from, to) = (Percentiles.Median(direct), Percentiles.Median(outward));
        run.Add(new Figure("request out of a sandbox, added at p50", $"{to - from:0.00} ms", $"on the host {from:0.00} ms, from inside {to:0.00} ms", null, $"≤ {Bar} ms", to - from <= Bar));
        var (fromRate, toRate) = (Percentiles.Median(directRate), Percentiles.Median(outwardRate));
        run.Add(new Figure("download into a sandbox", $"{toRate:0} MiB/s", $"on the host {fromRate:0} MiB/s", toRate / fromRate, "for the reader", null));
    }

    private static async Task<(double Median, double Rate)> InsideAsync(Instance instance, string session, int port, int count)
    {
        var code = await File.ReadAllTextAsync(Path.Combine(Checkout.Functions, "outward.py"));
        var command = JsonSerializer.Serialize($"python3 - 127.0.0.1 {port} {count} 3128 <<'END'\n{code}\nEND\n");
        var (answer, _) = await instance.Mcp.CallAsync("run_command", $$"""{"session":"{{session}}","command":{{command}},"timeoutSeconds":120}""");
        return Read(answer);
    }

    private static async Task<(double Median, double Rate)> OnHostAsync(int port, int count)
    {
        using var python = Process.Start(new ProcessStartInfo("python3", [Path.Combine(Checkout.Functions, "outward.py"), "127.0.0.1", port.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return Read(output);
    }

    private static (double Median, double Rate) Read(string output) => Figures().Match(output) is { Success: true } found
        ? (double.Parse(found.Groups["median"].Value, CultureInfo.InvariantCulture), double.Parse(found.Groups["rate"].Value, CultureInfo.InvariantCulture))
        : throw new InvalidDataException($"no figures: {output}");

    [GeneratedRegex("median=(?<median>[0-9.]+) rate=(?<rate>[0-9.]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Figures();

    [GeneratedRegex("session[\\\\\"]+: ?[\\\\\"]+(?<id>[a-z0-9]{20,})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Session();
}
