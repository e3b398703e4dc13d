using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Tests.Integration.Sandbox;

namespace ToolRuntime.Tests.Integration.Kernels;

/// <summary>Every kernel where it belongs: in gVisor, as a worker of the agent, on the image code-interpreter.</summary>
public sealed partial class SandboxedKernelTests : IAsyncLifetime
{
    private const int Interrupt = 2;
    private const int Rounds = 30;
    private static readonly PoolKind s_kind = new("code-interpreter", FunctionLanguage.Sandbox);
    private static readonly FunctionLimits s_limits = new() { MemoryMiB = 1024 };
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;

    public static TheoryData<string, string[], string, string> Kernels => new()
    {
        { "python", ["python3", "-S", "-u", "/toolrt/kernels/python/kernel.py"], "print('go')\nimport time; time.sleep(600)", "1 + 1" },
        { "javascript", ["node", "--no-force-async-hooks-checks", "/toolrt/kernels/node/kernel.mjs"], "console.log('go'); while (true) { }", "1 + 1" },
        { "typescript", ["node", "--no-force-async-hooks-checks", "/toolrt/kernels/node/kernel.mjs", "--typescript"], "console.log('go'); await new Promise<void>(() => {})", "const n: number = 1; n + 1" },
        { "bash", ["python3", "-S", "-u", "/toolrt/kernels/bash/kernel.py"], "echo go; sleep 600", "echo $((1 + 1))" },
        { "csharp", ["/usr/share/dotnet/dotnet", "/toolrt/kernels/csharp/ToolRuntime.Kernels.CSharp.dll"], "Console.WriteLine(\"go\"); while (true) { }", "1 + 1" },
    };

    public async ValueTask InitializeAsync() =>
        _machine = await SandboxMachine.StartAsync(o => o with { CSharpKernelFolder = PublishedKernel.Folder }, _deadline.Token);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public async Task AKernelRunsIsInterruptedAndRunsOn(string language, string[] command, string endless, string sum)
    {
        await using var lease = await LeaseAsync();
        var start = Stopwatch.GetTimestamp();
        var id = $"ctx.{language}.test";
        await lease.Agent.StartWorkerAsync(new ProcessSpec { Id = id, Arguments = command }, _deadline.Token);
        var stream = await lease.Agent.OpenWorkerAsync(id, _deadline.Token);
        var talk = new KernelTalk(stream, stream);
        var ready = await talk.ReadyAsync(_deadline.Token);
        var started = Stopwatch.GetElapsedTime(start);
        Assert.Equal(language, (string?)ready["language"]);
        Assert.EndsWith("2", KernelCases.Line(Assert.Single(await talk.RunAsync(sum, _deadline.Token))).Replace("\\n", "", StringComparison.Ordinal), StringComparison.Ordinal);

        var call = await talk.BeginAsync(endless, environment: null, folder: null, _deadline.Token);
        await talk.PrintedAsync(call, _deadline.Token);
        start = Stopwatch.GetTimestamp();
        var events = await talk.InterruptedAsync(call, () => lease.Agent.SignalAsync(id, Interrupt, _deadline.Token).AsTask(), _deadline.Token);
        Assert.Equal("KeyboardInterrupt", (string?)events[^1]["name"]);
        var interrupted = Stopwatch.GetElapsedTime(start);

        var rounds = await RoundsAsync(talk, sum);
        var (_, status) = await SandboxMachine.RunAsync(lease, _deadline.Token, "cat", $"/proc/{ready["pid"]}/status");
        var resident = status.Split('\n').First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Trim();
        Say($"{language}: READY after {started.TotalMilliseconds:F0} ms, interrupt {interrupted.TotalMilliseconds:F0} ms, {sum} {rounds.TotalMilliseconds:F2} ms, resident {resident}");
    }

    [Fact]
    public async Task ACodeSandboxStandsReadyWithItsLibrariesImported()
    {
        // The first may have to build the image.
        await (await LeaseAsync()).DisposeAsync();
        var start = Stopwatch.GetTimestamp();
        await using var lease = await LeaseAsync();
        Say($"boot to READY with numpy, pandas and matplotlib imported: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
        Assert.Equal("ctx.python.default", lease.WorkerId);
        await ResidentKernel.SetEnvironmentAsync(lease, new Dictionary<string, string>(StringComparer.Ordinal) { ["FROM_SANDBOX"] = "yes" }, _deadline.Token);
        var talk = new KernelTalk(lease.Worker, lease.Worker);
        Assert.Equal("text yes /home/user 1000", await OneAsync(talk, "import os; ' '.join([os.environ['FROM_SANDBOX'], os.getcwd(), str(os.getuid())])"));
        Assert.Equal("text True", await OneAsync(talk, "import sys; all(name in sys.modules for name in ('numpy', 'pandas', 'matplotlib.pyplot'))"));
        var frame = Assert.Single(await talk.RunAsync("pd.DataFrame({'a': [1, 2], 'b': ['x', None]})", _deadline.Token));
        Assert.Equal("""{"a":[1,2],"b":["x",null]}""", frame["data"]!.ToJsonString());
        Assert.Contains("<table", (string?)frame["html"], StringComparison.Ordinal);
        Assert.Equal("iVBOR", ((string)Assert.Single(await talk.RunAsync("from PIL import Image\nImage.new('RGB', (2, 2))", _deadline.Token))["png"]!)[..5]);
        var photo = Assert.Single(await talk.RunAsync("import io\nfile = io.BytesIO()\nImage.new('RGB', (2, 2)).save(file, 'JPEG')\nImage.open(file)", _deadline.Token));
        Assert.Equal(("iVBOR", "/9j/4"), (((string)photo["png"]!)[..5], ((string)photo["jpeg"]!)[..5]));
        Assert.Equal("text True", await OneAsync(talk, "'column_5' in repr(pd.DataFrame({f'column_{i}': [i] for i in range(12)}))"));
        Assert.Equal("""{"a":[0,1],"b":2.5}""", Assert.Single(await talk.RunAsync("{'a': np.arange(2), 'b': np.float64(2.5)}", _deadline.Token))["json"]!.ToJsonString());
        Say($"1 + 1 {(await RoundsAsync(talk, "1 + 1")).TotalMilliseconds:F2} ms");
        start = Stopwatch.GetTimestamp();
        Assert.Equal("display", KernelCases.Line(Assert.Single(await talk.RunAsync("plt.plot([1, 2, 3]); plt.show()", _deadline.Token))).Split(' ')[0]);
        Say($"a figure {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
        await ChartsAsync(talk);
        var (code, shell) = await SandboxMachine.RunAsync(lease, new ProcessSpec { Arguments = ["bash", "-lic", "alias ls; echo x > /usr/made || echo refused; echo $HOME"] }, _deadline.Token);
        Assert.Equal(0, code);
        Assert.Contains("/home/user", shell, StringComparison.Ordinal);
        Say($"resident with libraries {await OneAsync(talk, "next(line for line in open('/proc/self/status') if line.startswith('VmRSS'))")}");
        Assert.Empty(await talk.RunAsync("%matplotlib inline\nfrom IPython.display import display\nimport seaborn, sklearn, statsmodels.api, networkx, tqdm, sympy, docx, yaml, lxml, pypdf\nsympy.init_printing()", _deadline.Token));
        Assert.Equal("display", KernelCases.Line(Assert.Single(await talk.RunAsync("plt.plot([3, 2, 1]); plt.show()", _deadline.Token))).Split(' ')[0]);
        Assert.NotNull(Assert.Single(await talk.RunAsync("fig, ax = plt.subplots()\nax.bar(['a'], [1])\nfig", _deadline.Token))["png"]);
        Assert.Equal("$\\displaystyle x^{2}$", (string?)Assert.Single(await talk.RunAsync("sympy.Symbol('x') ** 2", _deadline.Token))["latex"]);
    }

    [Fact]
    public async Task ClonesOfOneSnapshotRememberTheSameAndDrawDifferentNumbers()
    {
        var folder = Path.Combine(_machine.Folder, "snapshot");
        var lease = await LeaseAsync();
        await new KernelTalk(lease.Worker, lease.Worker).RunAsync("import random; kept = 7; random.seed(1); np.random.seed(1)", _deadline.Token);
        await lease.CheckpointAsync(folder, _deadline.Token);
        var drawn = new HashSet<string>(StringComparer.Ordinal);
        for (var clone = 0; clone < 2; clone++)
        {
            await using var restored = await _machine.Pools.RestoreAsync(folder, new RestoreRequest("local", s_limits), _deadline.Token);
            var talk = new KernelTalk(restored.Worker, restored.Worker);
            Assert.Equal("text 7", await OneAsync(talk, "kept"));
            drawn.Add(await OneAsync(talk, "random.random()"));
            drawn.Add(await OneAsync(talk, "float(np.random.rand())"));
        }

        Assert.Equal(4, drawn.Count);
    }

    private async Task ChartsAsync(KernelTalk talk)
    {
        var line = await ChartAsync(talk, "fig, ax = plt.subplots()\nax.plot([0, 1, 2], [1.5, 2, 3], label='up')\nax.set_xlabel('Time (s)')\nax.set_title('T')");
        Assert.Equal("""["line","T","Time (s)","s"]""", Members(line, "type", "title", "x_label", "x_unit"));
        Assert.Equal("""[[{"label":"up","points":[[0,1.5],[1,2],[2,3]]}]]""", Members(line, "elements"));
        Assert.True(line.ContainsKey("y_unit"));
        var bars = await ChartAsync(talk, "plt.bar(['A', 'B'], [100, 200], label='sold')");
        Assert.Equal("""["bar",[{"label":"A","group":"sold","value":100},{"label":"B","group":"sold","value":200}]]""", Members(bars, "type", "elements"));
        var lying = await ChartAsync(talk, "plt.barh(['A', 'B'], [1, 2]); plt.xlabel('n')");
        Assert.Equal("""["bar","n"]""", Members(lying, "type", "y_label"));
        var pie = await ChartAsync(talk, "plt.pie([90, 10], labels=['No', 'Yes'])");
        Assert.Equal("""["pie",[{"label":"No","angle":324,"radius":1},{"label":"Yes","angle":36,"radius":1}]]""", Members(pie, "type", "elements"));
        var scatter = await ChartAsync(talk, "plt.scatter([1, 2], [3, 4], label='dots'); plt.yscale('log')");
        Assert.Equal("""["scatter","linear","log",[{"label":"dots","points":[[1,3],[2,4]]}]]""", Members(scatter, "type", "x_scale", "y_scale", "elements"));
        var dates = await ChartAsync(talk, "import datetime\nplt.plot([datetime.date(2023, 9, 1), datetime.date(2023, 9, 2)], [1, 2])");
        Assert.Equal("datetime", (string?)dates["x_scale"]);
        var boxes = await ChartAsync(talk, "data = {'A': [85, 90, 78, 92, 88], 'B': [95, 89, 76, 91, 84, 87]}\nplt.boxplot(data.values(), labels=data.keys(), patch_artist=True)");
        Assert.Equal(
            """[[{"label":"A","min":78,"first_quartile":85,"median":88,"third_quartile":90,"max":92,"outliers":[]},{"label":"B","min":84,"first_quartile":84.75,"median":88,"third_quartile":90.5,"max":95,"outliers":[76]}]]""",
            Members(boxes, "elements"));
        var both = await ChartAsync(talk, "fig, axs = plt.subplots(1, 2)\nfig.suptitle('Both')\naxs[0].plot([1, 2])\naxs[1].bar(['a'], [1])");
        Assert.Equal("""["superchart","Both"]""", Members(both, "type", "title"));
        Assert.Equal(["line", "bar"], both["elements"]!.AsArray().Select(e => (string?)e!["type"]));
    }

    private async Task<JsonObject> ChartAsync(KernelTalk talk, string code)
    {
        var events = await talk.RunAsync($"{code};", _deadline.Token);
        return events.FirstOrDefault(e => e["chart"] is not null)?["chart"]!.AsObject() ?? throw new InvalidOperationException(string.Join('\n', events.Select(KernelCases.Line)));
    }

    // Python writes 1.0 where others write 1.
    private static string Members(JsonObject chart, params string[] names) =>
        WholeNumber().Replace(new JsonArray([.. names.Select(n => chart[n]?.DeepClone())]).ToJsonString(), "");

    [GeneratedRegex(@"\.0(?=[,\]}])", RegexOptions.None, 1000)]
    private static partial Regex WholeNumber();

    private async Task<string> OneAsync(KernelTalk talk, string code) => KernelCases.Line(Assert.Single(await talk.RunAsync(code, _deadline.Token)));

    private async Task<TimeSpan> RoundsAsync(KernelTalk talk, string code)
    {
        var times = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await talk.RunAsync(code, _deadline.Token);
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        return times.Order().ElementAt(Rounds / 2);
    }

    private ValueTask<ISandboxLease> LeaseAsync() => _machine.Pools.LeaseAsync(new LeaseRequest(s_kind, "local", s_limits, []), null, _deadline.Token);

    private static void Say(string figure) => TestContext.Current.TestOutputHelper?.WriteLine(figure.ToString(CultureInfo.InvariantCulture));
}
