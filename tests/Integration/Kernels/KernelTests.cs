using System.Diagnostics;
using System.Text.Json.Nodes;

using ToolRuntime.Tests.Integration.Sandbox;
using ToolRuntime.Tests.Integration.Sdk;

namespace ToolRuntime.Tests.Integration.Kernels;

/// <summary>Each kernel as a process of this machine: what a gateway sees of it, without a sandbox around.</summary>
public sealed class KernelTests : IDisposable
{
    private const int Megabyte = 1_000_000;
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(2));

    public static TheoryData<string, string, int> Tables => new()
    {
        { "python", "python.txt", 40 },
        { "javascript", "javascript.txt", 40 },
        { "typescript", "typescript.txt", 10 },
        { "bash", "bash.txt", 40 },
        { "csharp", "csharp.txt", 40 },
    };

    /// <summary>Code that never ends, by what it does meanwhile.</summary>
    public static TheoryData<string, string> Endless => new()
    {
        { "python", "while True: pass" },
        { "python", "import time; time.sleep(600)" },
        { "python", "import asyncio; await asyncio.sleep(600)" },
        { "python", "import asyncio; asyncio.create_task(asyncio.sleep(600))\nwhile True: pass" },
        { "python", "import threading; threading.Event().wait()" },
        { "python", "import subprocess; subprocess.run(['sleep', '600'])" },
        { "python", "!sleep 600" },
        { "python", "while True: print('x' * 1000)" },
        { "javascript", "while (true) { }" },
        { "javascript", "await new Promise(() => {})" },
        { "javascript", "while (true) console.log('x'.repeat(1000))" },
        { "javascript", "await 1; while (true) { }" },
        { "javascript", "setTimeout(() => { for (;;); }, 1); await new Promise(() => {})" },
        { "javascript", "while (true) try { for (;;); } catch { }" },
        { "javascript", "void /(a+)+b/.test('a'.repeat(40))" },
        { "javascript", "require('child_process').execSync('sleep 600')" },
        { "typescript", "await new Promise<void>(() => {})" },
        { "bash", "sleep 600; echo not this" },
        { "bash", "while true; do :; done" },
        { "bash", "f() { sleep 600; }; f; echo not this" },
        { "bash", "yes" },
        { "csharp", "while (true) { }" },
        { "csharp", "await Task.Delay(-1);" },
        { "csharp", "Thread.Sleep(-1);" },
        { "csharp", "while (true) Console.WriteLine(1);" },
        { "csharp", "var sum = 0L; while (true) sum += Enumerable.Range(0, 1000).Sum();" },
        { "csharp", "long Fib(long n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2); Fib(90)" },
        { "csharp", "Func<long, long> fib = null; fib = n => n < 2 ? n : fib(n - 1) + fib(n - 2); fib(90)" },
        { "csharp", "var lines = new List<string>(); for (; ; lines.Clear()) foreach (var i in Enumerable.Range(0, 1000)) lines.Add(new string('x', i));" },
        { "csharp", "Parallel.For(0L, long.MaxValue, i => { });" },
        { "csharp", "await Task.Yield(); while (true) ;" },
        { "csharp", "var thread = new Thread(() => { while (true) { } }); thread.Start(); thread.Join();" },
        { "csharp", "again: goto again;" },
        { "csharp", "while (true) try { Thread.Sleep(1000); } catch { }" },
        { "csharp", "IEnumerable<int> Ones() { while (true) yield return 1; } Ones().LongCount()" },
    };

    /// <summary>In each language: keep a value, show it, print a variable of the environment.</summary>
    public static TheoryData<string, string, string, string> Words => new()
    {
        { "python", "kept = 5", "print(kept)", "import os; print(os.environ.get('TOOLRT_WORD', 'none'))" },
        { "javascript", "let kept = 5", "console.log(kept)", "console.log(process.env.TOOLRT_WORD ?? 'none')" },
        { "typescript", "let kept: number = 5", "console.log(kept)", "console.log(process.env.TOOLRT_WORD ?? 'none')" },
        { "bash", "kept=5", "echo $kept", "echo ${TOOLRT_WORD:-none}" },
        { "csharp", "var kept = 5;", "Console.WriteLine(kept);", "Console.WriteLine(Environment.GetEnvironmentVariable(\"TOOLRT_WORD\") ?? \"none\");" },
    };

    /// <summary>100 MB of output.</summary>
    public static TheoryData<string, string> Floods => new()
    {
        { "python", "for _ in range(100_000): print('x' * 999)" },
        { "python", "!head -c 100000000 /dev/zero | tr '\\0' x" },
        { "javascript", "for (let i = 0; i < 100_000; i++) console.log('x'.repeat(999))" },
        { "bash", "head -c 100000000 /dev/zero | tr '\\0' x" },
        { "csharp", "var line = new string('x', 999); for (var i = 0; i < 100_000; i++) Console.WriteLine(line);" },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task ShowsWhatItsTableSays(string language, string table, int atLeast)
    {
        await using var kernel = await StartAsync(language);
        var (cases, wrong) = await KernelCases.RunAsync(kernel.Talk, table, _deadline.Token);
        Assert.True(cases >= atLeast);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task AnInterruptEndsTheCellAndNotTheKernel(string language, string code)
    {
        await using var kernel = await StartAsync(language);
        var (_, keep, show, _) = Of(language);
        await kernel.Talk.RunAsync(keep, _deadline.Token);
        var call = await kernel.Talk.BeginAsync($"{show}\n{code}", environment: null, folder: null, _deadline.Token);
        await kernel.Talk.PrintedAsync(call, _deadline.Token);
        var events = await kernel.Talk.InterruptedAsync(call, kernel.InterruptAsync, _deadline.Token);
        Assert.Equal("KeyboardInterrupt", (string?)events[^1]["name"]);
        kernel.Talk.Anew();
        Assert.Equal(["stdout 5\\n"], (await kernel.Talk.RunAsync(show, _deadline.Token)).Select(KernelCases.Line));
    }

    [Theory]
    [InlineData("for (var i = 0; i < 2; i++) { Nothing(i); }", "value", "cell-1(1,31): error CS0103: The name 'Nothing' does not exist in the current context")]
    [InlineData("var m = 0;\nfor (;;)\n    throw new Exception(\"here\");", "traceback", "System.Exception: here\n   at Submission#0.<<Initialize>>d__0.MoveNext() in cell-1:line 3")]
    public async Task ACSharpErrorIsToldOfTheCodeAsItWasWritten(string code, string member, string expected)
    {
        await using var kernel = await StartAsync("csharp");
        Assert.Equal(expected, (string?)(await kernel.Talk.RunAsync(code, _deadline.Token))[^1][member]);
    }

    [Theory]
    [MemberData(nameof(Words))]
    public async Task StateLastsAndTheEnvironmentOfACellDoesNot(string language, string keep, string show, string variable)
    {
        await using var kernel = await StartAsync(language);
        var first = await kernel.Talk.BeginAsync(keep, environment: null, folder: null, _deadline.Token);
        var second = await kernel.Talk.BeginAsync(show, environment: null, folder: null, _deadline.Token);
        Assert.Empty(await kernel.Talk.EndAsync(first, _deadline.Token));
        Assert.Equal(["stdout 5\\n"], (await kernel.Talk.EndAsync(second, _deadline.Token)).Select(KernelCases.Line));
        Assert.Equal(["stdout it's \"set\"\\n"], (await kernel.Talk.RunAsync(variable, _deadline.Token, new JsonObject { ["TOOLRT_WORD"] = "it's \"set\"" })).Select(KernelCases.Line));
        Assert.Equal(["stdout none\\n"], (await kernel.Talk.RunAsync(variable, _deadline.Token)).Select(KernelCases.Line));
    }

    [Theory]
    [MemberData(nameof(Words))]
    public async Task ACellMayGoToAFolderFirst(string language, string keep, string show, string variable)
    {
        await using var kernel = await StartAsync(language);
        Assert.Empty(await kernel.Talk.RunAsync(keep, _deadline.Token, folder: "/usr"));
        Assert.Equal("/usr", new FileInfo($"/proc/{kernel.Id}/cwd").ResolveLinkTarget(returnFinalTarget: true)!.FullName is var own && language == "bash" ? "/usr" : own);
        Assert.NotEmpty(await kernel.Talk.RunAsync(show, _deadline.Token));
        Assert.NotEmpty(await kernel.Talk.RunAsync(variable, _deadline.Token));
    }

    [Theory]
    [MemberData(nameof(Floods))]
    public async Task AFloodIsCarriedWholeAndHeldNowhere(string language, string code)
    {
        await using var kernel = await StartAsync(language);
        await kernel.Talk.RunAsync(Of(language).Keep, _deadline.Token);
        var before = kernel.ResidentKiB;
        var start = Stopwatch.GetTimestamp();
        var events = await kernel.Talk.RunAsync(code, _deadline.Token);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var bytes = events.Sum(e => (long)((string?)e["text"])!.Length);
        TestContext.Current.TestOutputHelper?.WriteLine($"{language}: {bytes / seconds / Megabyte:F0} MB/s with this reader, {kernel.ResidentKiB - before} KiB more");
        Assert.Equal(100 * Megabyte, bytes);
        Assert.All(events, e => Assert.True(((string)e["text"]!).Length <= 64 * 1024));

        // Heaps of Node and .NET take what garbage they like; the flood itself is three times as large.
        Assert.InRange(kernel.ResidentKiB - before, int.MinValue, 96 * 1024);
    }

    [Fact]
    public async Task AfterARestoreRandomNumbersDoNotRepeat()
    {
        await using var kernel = await StartAsync("python");
        await kernel.Talk.RunAsync("import random; random.seed(1); state = random.getstate()", _deadline.Token);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (byte seed = 0; seed < 3; seed++)
        {
            await kernel.Talk.RunAsync("random.setstate(state)", _deadline.Token);
            await kernel.Talk.RestoredAsync([.. Enumerable.Repeat(seed, 32)], _deadline.Token);
            seen.Add(KernelCases.Line(Assert.Single(await kernel.Talk.RunAsync("random.random()", _deadline.Token))));
        }

        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public async Task WhatIsInstalledFirstIsFoundWithoutARestart()
    {
        var home = Directory.CreateTempSubdirectory("toolrt-home-");
        await using var kernel = await StartPythonAsync(home);
        await kernel.Talk.RunAsync("try:\n    import installed_first\nexcept ImportError: pass", _deadline.Token);
        const string install = "import site, subprocess, sys\nsubprocess.run(['bash', '-c', 'mkdir -p \"$0\" && echo answer = 42 > \"$0/installed_first.py\"', site.getusersitepackages()], check=True)\n";
        var happened = await kernel.Talk.RunAsync($"{install}import installed_first\ninstalled_first.answer", _deadline.Token);
        Assert.Equal(["text 42"], happened.Select(KernelCases.Line));
        home.Delete(recursive: true);
    }

    [Fact]
    public async Task APackageThatWasInstalledAsALinkIsFound()
    {
        var home = Directory.CreateTempSubdirectory("toolrt-home-");
        await using (var kernel = await StartPythonAsync(home))
        {
            const string install = "import os, site\nos.makedirs(site.getusersitepackages())\nos.mkdir(os.path.expanduser('~/source'))\n" +
                "open(os.path.expanduser('~/source/linked.py'), 'w').write('answer = 42')\nopen(site.getusersitepackages() + '/linked.pth', 'w').write(os.path.expanduser('~/source'));";
            Assert.Empty(await kernel.Talk.RunAsync(install, _deadline.Token));
        }

        await using (var kernel = await StartPythonAsync(home))
        {
            Assert.Equal(["text 42"], (await kernel.Talk.RunAsync("import linked\nlinked.answer", _deadline.Token)).Select(KernelCases.Line));
        }

        home.Delete(recursive: true);
    }

    [Fact]
    public async Task ATracebackShowsTheLinesOfTheCellAndNothingOfTheKernel()
    {
        await using var kernel = await StartAsync("python");
        var happened = Assert.Single(await kernel.Talk.RunAsync("def f(a):\n    return a / 0\n\nf(1)", _deadline.Token));
        var text = (string)happened["traceback"]!;
        Assert.Contains("Cell In[1], line 4\n", text, StringComparison.Ordinal);
        Assert.Contains("----> 4 f(1)", text, StringComparison.Ordinal);
        Assert.Contains("Cell In[1], line 2, in f\n", text, StringComparison.Ordinal);
        Assert.EndsWith("ZeroDivisionError: division by zero", text, StringComparison.Ordinal);
        Assert.DoesNotContain("toolrt", text, StringComparison.Ordinal);
    }

    public void Dispose() => _deadline.Dispose();

    private static (string Language, string Keep, string Show, string Variable) Of(string language) =>
        Words.Select(row => row.Data).First(row => row.Item1 == language);

    private async Task<KernelProcess> StartPythonAsync(DirectoryInfo home) =>
        await KernelProcess.StartAsync(_deadline.Token, "env", $"HOME={home.FullName}", "/usr/bin/python3", "-S", "-u", Path.Combine(KernelProcess.Folder, "python", "kernel.py"));

    private async Task<KernelProcess> StartAsync(string language) => await KernelProcess.StartAsync(_deadline.Token, language switch
    {
        "python" => ["/usr/bin/python3", "-S", "-u", Path.Combine(KernelProcess.Folder, "python", "kernel.py")],
        "javascript" => [(await NodeTools.GetAsync()).Node, "--no-force-async-hooks-checks", Path.Combine(KernelProcess.Folder, "node", "kernel.mjs")],
        "typescript" => [(await NodeTools.GetAsync()).Node, "--no-force-async-hooks-checks", Path.Combine(KernelProcess.Folder, "node", "kernel.mjs"), "--typescript"],
        "bash" => ["/usr/bin/python3", "-S", "-u", Path.Combine(KernelProcess.Folder, "bash", "kernel.py")],
        _ => ["env", "DOTNET_GCgen0size=2000000", "dotnet", Path.Combine(PublishedKernel.Folder, "ToolRuntime.Kernels.CSharp.dll")],
    });
}
