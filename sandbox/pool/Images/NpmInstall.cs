using System.Text.Json;

using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Images;

/// <summary>Installs an image's npm packages: fetched by the host's npm with install scripts off, moved into the root file system, their programs linked.</summary>
internal sealed class NpmInstall
{
    private const string Hint = "check that npm is installed (apt-get install npm) and that its registry can be reached";
    private readonly IReadOnlyList<NpmPackage> _packages;
    private readonly string _work;

    /// <summary>Will fetch <paramref name="packages"/> into <paramref name="work"/>.</summary>
    public NpmInstall(IReadOnlyList<NpmPackage> packages, string work)
    {
        _packages = packages;
        _work = work;
    }

    /// <summary>Fetches them.</summary>
    public async Task DownloadAsync(CancellationToken cancellationToken)
    {
        if (_packages.Count == 0)
        {
            return;
        }

        Directory.CreateDirectory(_work);
        string[] arguments =
        [
            "install", "--prefix", _work, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--no-package-lock",
            .. _packages.Select(package => $"{package.Name}@{package.Version}"),
        ];
        await new ToolCommand("npm", arguments) { WorkingDirectory = _work, Hint = Hint }.RunAsync(null, cancellationToken);
    }

    /// <summary>Moves them below <paramref name="root"/> and links their programs.</summary>
    public void MoveInto(string root)
    {
        if (_packages.Count == 0)
        {
            return;
        }

        var modules = Path.Combine(root, "usr", "local", "lib", "node_modules");
        var programs = Path.Combine(root, "usr", "local", "bin");
        Directory.CreateDirectory(Path.GetDirectoryName(modules)!);
        Directory.CreateDirectory(programs);
        Directory.Move(Path.Combine(_work, "node_modules"), modules);
        Directory.Delete(_work, recursive: true);
        if (Directory.Exists(Path.Combine(modules, "npm")))
        {
            // Where its own programs are found; else it would take the folder of Node's package.
            File.WriteAllText(Path.Combine(modules, "npm", "npmrc"), "prefix=/usr/local\nupdate-notifier=false\n");
        }

        foreach (var package in _packages)
        {
            RemoveHeaders(Path.Combine(modules, package.Name));
            foreach (var (program, file) in ReadPrograms(package.Name, Path.Combine(modules, package.Name, "package.json")))
            {
                var link = Path.Combine(programs, Path.GetFileName(program));
                File.Delete(link);
                File.CreateSymbolicLink(link, $"../lib/node_modules/{package.Name}/{file}");
            }
        }
    }

    // Node's package carries 65 MB of C headers, and nothing is compiled in a sandbox.
    private static void RemoveHeaders(string package)
    {
        var headers = Path.Combine(package, "include");
        if (Directory.Exists(headers))
        {
            Directory.Delete(headers, recursive: true);
        }
    }

    private static Dictionary<string, string> ReadPrograms(string package, string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        if (!document.RootElement.TryGetProperty("bin", out var bin))
        {
            return [];
        }

        return bin.ValueKind == JsonValueKind.String
            ? new Dictionary<string, string>(StringComparer.Ordinal) { [package.Split('/')[^1]] = bin.GetString()! }
            : bin.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!, StringComparer.Ordinal);
    }
}
