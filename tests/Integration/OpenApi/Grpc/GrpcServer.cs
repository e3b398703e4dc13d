using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ToolRuntime.Tests.Integration.OpenApi.Grpc;

/// <summary>The server of <c>npm/</c>, run by Node; its packages are installed once.</summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    private static readonly string s_folder = Path.Combine(Here(), "npm");
    private static readonly Lazy<Task> s_installed = new(InstallAsync);

    private readonly Process _process;

    private GrpcServer(Process process, int port) => (_process, Url) = (process, new Uri($"http://127.0.0.1:{port}"));

    public Uri Url { get; }

    /// <summary>A server that describes itself in both versions of reflection, or in <c>v1alpha</c> only, or in <c>none</c>.</summary>
    public static async Task<GrpcServer> StartAsync(string reflection = "both")
    {
        await s_installed.Value;
        var process = Start("node", "server.mjs", reflection);
        var line = await process.StandardOutput.ReadLineAsync();
        Assert.StartsWith("port ", line ?? await process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        return new GrpcServer(process, int.Parse(line![5..]));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task InstallAsync()
    {
        if (File.Exists(Path.Combine(s_folder, "node_modules", ".package-lock.json")))
        {
            return;
        }

        using var npm = Start("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        var (output, errors) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, await output + await errors);
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = s_folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
    })!;

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
