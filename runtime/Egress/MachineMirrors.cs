using System.ComponentModel;
using System.Diagnostics;

using ToolRuntime.Runtime.Building.Dependencies;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Debian;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// The mirrors of this machine and of an image's recipe. Where pip or npm is configured to nothing, it is asked what it uses by itself, once.
/// </summary>
/// <param name="build">What of the machine's configuration is overridden for builds, and so here.</param>
/// <param name="recipe">What the recipe of an image names.</param>
/// <param name="time">The clock.</param>
internal sealed class MachineMirrors(BuildOptions build, Func<string, IReadOnlyList<string>> recipe, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Lazy<Task<string[]>> _pip = new(() => AskAsync(
        time, "python3", "-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url); print(PyPI.file_storage_domain)"));

    private readonly Lazy<Task<string[]>> _npm = new(() => AskAsync(time, "npm", "config", "get", "registry"));

    /// <summary>Reads them anew: the machine's configuration may have changed since the last sandbox.</summary>
    public async Task<PackageMirrors> OfAsync(string image)
    {
        var (pip, npm) = (PipConfiguration.Make(build.PythonIndex), NpmConfiguration.Make(build.NpmRegistry));
        var apt = Apt();
        var found = PackageMirrors.Read(pip, npm, apt.Select(s => s.Uri).Concat(recipe(image)));
        var byThemselves = new List<string>();
        if (!found.Environment.ContainsKey("PIP_INDEX_URL"))
        {
            byThemselves.AddRange(await _pip.Value);
        }

        if (!found.Environment.ContainsKey("NPM_CONFIG_REGISTRY"))
        {
            byThemselves.AddRange(await _npm.Value);
        }

        return found with
        {
            Hosts = [.. found.Hosts.Union(PackageMirrors.Read("", "", byThemselves).Hosts, StringComparer.Ordinal)],
            AptSources = DebianSources.ListOf(apt),
        };
    }

    private static IReadOnlyList<AptSource> Apt()
    {
        try
        {
            return DebianSources.Read().Sources;
        }
        catch (Exception error) when (error is SandboxSetupException or IOException)
        {
            // No Debian: then its sandboxes have no apt of this machine's either.
            return [];
        }
    }

    /// <summary>The lines that a program of the machine prints; none where it is not there, or does not answer.</summary>
    private static async Task<string[]> AskAsync(TimeProvider time, string program, params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(s_patience, time);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false })!;
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            try
            {
                var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
                await error;
                await process.WaitForExitAsync(deadline.Token);
                return process.ExitCode == 0 ? output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return [];
            }
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return [];
        }
    }
}
