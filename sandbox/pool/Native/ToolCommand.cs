using System.ComponentModel;
using System.Diagnostics;

namespace ToolRuntime.Sandbox.Native;

/// <summary>A run of one of the machine's tools (apt-get, mmdebstrap, npm): its lines as they come, its last lines in the error when it fails.</summary>
internal sealed record ToolCommand(string Program, IReadOnlyList<string> Arguments)
{
    private const int KeptLines = 40;

    /// <summary>Working directory, or null for the present one.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment beside the inherited one.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The Debian package that has the program.</summary>
    public string Package { get; init; } = Program;

    /// <summary>How to mend it when the program fails.</summary>
    public string Hint { get; init; } = "see the output above";

    /// <summary>Runs it to its end, killing it with its children when the token ends; returns the last lines of its output.</summary>
    /// <exception cref="SandboxSetupException">It is missing, or ended with an error.</exception>
    public async Task<string> RunAsync(Action<string>? line, CancellationToken cancellationToken)
    {
        var kept = new Queue<string>();
        using var process = new Process { StartInfo = CreateStartInfo() };
        DataReceivedEventHandler receive = (_, data) => Receive(data.Data, kept, line);
        process.OutputDataReceived += receive;
        process.ErrorDataReceived += receive;
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw new SandboxSetupException($"cannot start {Program}: {error.Message}", $"install it: apt-get install {Package}", error);
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        var output = Joined(kept);
        return process.ExitCode == 0
            ? output
            : throw new SandboxSetupException($"{Program} {Arguments[0]} ended with exit code {process.ExitCode}:\n{output}\n", Hint);
    }

    private static void Receive(string? data, Queue<string> kept, Action<string>? line)
    {
        if (data is null)
        {
            return;
        }

        lock (kept)
        {
            kept.Enqueue(data);
            if (kept.Count > KeptLines)
            {
                kept.Dequeue();
            }
        }

        line?.Invoke(data);
    }

    private static string Joined(Queue<string> kept)
    {
        lock (kept)
        {
            return string.Join('\n', kept);
        }
    }

    private ProcessStartInfo CreateStartInfo()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = WorkingDirectory ?? "/",
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
