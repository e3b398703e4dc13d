using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>The command as a user runs it.</summary>
internal static class Toolrt
{
    /// <summary>The one deadline of this project: long enough to build the image on a slow machine.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    private const int LowestPort = 10_000;
    private const int Ports = 20_000;
    private static int s_ports = Random.Shared.Next(Ports);

    public static string Root { get; } = FindRoot();

    public static Task<CommandResult> RunAsync(string data, params string[] arguments) => RunAsync(data, "", arguments);

    public static Task<CommandResult> RunAsync(string data, string input, string[] arguments) =>
        CommandResult.OfAsync(Path.Combine(Root, "toolrt"), [.. arguments, "--data", data], input);

    public static Task<CommandResult> RunAsync(string data, IReadOnlyDictionary<string, string> environment, string[] arguments) =>
        CommandResult.OfAsync(Path.Combine(Root, "toolrt"), [.. arguments, "--data", data], environment: environment);

    /// <summary>
    /// A port that nobody gets by chance before, between or after the test's own uses: below those that the system gives to connections, and
    /// handed out once in this process.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = LowestPort + (Interlocked.Increment(ref s_ports) % Ports);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = Path.GetDirectoryName(here)!;
        while (!File.Exists(Path.Combine(folder, "ToolRuntime.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("ToolRuntime.sln is in no parent folder");
        }

        return folder;
    }
}

/// <summary>How a command ended, and all that it printed.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Errors}";

    public static async Task<CommandResult> OfAsync(string program, IEnumerable<string> arguments, string input = "", string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Toolrt.Root };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        var output = new StringBuilder();
        var errors = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException error)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} did not end in time:\n{output}\n{errors}", error);
        }

        return new CommandResult(process.ExitCode, output.ToString(), errors.ToString());
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
    }
}
