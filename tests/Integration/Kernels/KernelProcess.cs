using System.Diagnostics;
using System.Text;

using ToolRuntime.Tests.Integration.Agent;

namespace ToolRuntime.Tests.Integration.Kernels;

/// <summary>A kernel as a process of this machine.</summary>
internal sealed class KernelProcess : IAsyncDisposable
{
    private const int MostErrors = 16 * 1024;
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private KernelProcess(Process process)
    {
        _process = process;
        Talk = new KernelTalk(process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        process.ErrorDataReceived += (_, line) => _errors.Append(_errors.Length < MostErrors && line.Data is { } text ? text + "\n" : "");
        process.BeginErrorReadLine();
    }

    public static string Folder { get; } = Path.Combine(PublishedAgent.TreeTop(), "sandbox", "kernels");

    public KernelTalk Talk { get; }

    public int Id => _process.Id;

    /// <summary>Resident memory, KiB.</summary>
    public int ResidentKiB => int.Parse(File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..^2]);

    public static async Task<KernelProcess> StartAsync(CancellationToken cancellationToken, params string[] command)
    {
        // The control pipes become 3 and 4; a session of its own, as the agent gives it, so that it can be interrupted with its children.
        // Interrupts are ignored from birth by what a script has put into the background, and so by these tests there.
        var start = new ProcessStartInfo("bash", ["-c", "exec setsid env --default-signal=INT \"$@\" 3<&0 4>&1 0</dev/null 1>&2", "kernel", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var own in start.Environment.Keys.Where(name => name.StartsWith("TOOLRT_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(own);
        }

        var kernel = new KernelProcess(Process.Start(start)!);
        await kernel.Talk.ReadyAsync(cancellationToken);
        return kernel;
    }

    /// <summary>SIGINT to it and its children.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("bash", ["-c", $"kill -INT -- -{Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"the kernel's own output: {_errors}");
        _process.Dispose();
    }
}
