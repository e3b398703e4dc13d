using System.Diagnostics;
using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>
/// Runs a package manager as a user of nobody's, without capabilities, in a folder of its own and with an environment of ours. It
/// downloads; it never runs what it downloaded.
/// </summary>
internal sealed class PackageManager(BuildOptions options, TimeProvider time)
{
    private const int MaximumDetail = 16 << 10;
    private static readonly string[] s_inherited = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

    /// <summary>
    /// A fresh folder that the package manager's user owns and that ends with the build. It lies in the system's temporary folder, since
    /// that user may not pass through the runtime's own.
    /// </summary>
    public async Task<string> MakeFolderAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetTempPath(), $"toolrt-{Ids.New()}");
        context.Temporary.Add(path);
        if (!Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(path);
            return path;
        }

        var owner = options.UserId.ToString();
        await RunAsync("install", new ProcessStartInfo("install", ["-d", "-m", "0700", "-o", owner, "-g", owner, path]), cancellationToken);
        return path;
    }

    /// <summary>Runs <paramref name="arguments"/> in <paramref name="folder"/>.</summary>
    /// <exception cref="FunctionFaultException">DependencyFailed: the detail is its output.</exception>
    public Task RunAsync(string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var owner = options.UserId.ToString();
        IReadOnlyList<string> whole = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid", owner, "--regid", owner, "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--", .. arguments]
            : arguments;
        var start = new ProcessStartInfo(whole[0], whole.Skip(1)) { WorkingDirectory = folder };
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        start.Environment["HOME"] = folder;
        start.Environment["TMPDIR"] = folder;
        start.Environment["LANG"] = "C.UTF-8";
        foreach (var name in s_inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                start.Environment[name] = value;
            }
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return RunAsync(arguments[0], start, cancellationToken);
    }

    private async Task RunAsync(string name, ProcessStartInfo start, CancellationToken cancellationToken)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var deadline = new Deadline(time, options.InstallTimeout, cancellationToken);
        using var process = Start(start);
        var output = new Tail(MaximumDetail);
        try
        {
            process.StandardInput.Close();
            await Task.WhenAll(
                output.ReadAsync(process.StandardOutput, deadline.Token), output.ReadAsync(process.StandardError, deadline.Token), process.WaitForExitAsync(deadline.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new FunctionFaultException(FaultCode.DependencyFailed, $"{name} did not end within {options.InstallTimeout.TotalSeconds:0} s", null, output.ToString());
        }

        if (process.ExitCode != 0)
        {
            throw new FunctionFaultException(FaultCode.DependencyFailed, $"{name} failed: {output.FirstError()}", null, output.ToString());
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new FunctionFaultException(FaultCode.DependencyFailed, $"{start.FileName} cannot be started: {error.Message}", $"install {start.FileName} on the runtime's machine");
        }
    }

    /// <summary>The last of what a process wrote.</summary>
    private sealed class Tail(int limit)
    {
        private readonly StringBuilder _text = new();

        public async Task ReadAsync(StreamReader reader, CancellationToken cancellationToken)
        {
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                lock (_text)
                {
                    _text.Append(line.AsSpan(0, Math.Min(line.Length, limit))).Append('\n');
                    if (_text.Length > limit)
                    {
                        _text.Remove(0, _text.Length - limit);
                    }
                }
            }
        }

        public string FirstError()
        {
            var lines = ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return Array.Find(lines, l => l.Contains("error", StringComparison.OrdinalIgnoreCase) && !l.StartsWith("npm error code", StringComparison.Ordinal))
                ?? lines.LastOrDefault() ?? "it said nothing";
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }
}
