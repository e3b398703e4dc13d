using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>npm packages: npm installs without running any script, from the registry only.</summary>
internal sealed class NodePackages(PackageManager manager, BuildOptions options)
{
    /// <summary>The file that names them.</summary>
    public const string FileName = "package.json";

    /// <summary>The file that pins them.</summary>
    public const string LockName = "package-lock.json";

    /// <summary>The folder <c>node_modules</c> with the packages.</summary>
    /// <param name="context">The build.</param>
    /// <param name="package">A clean <c>package.json</c>.</param>
    /// <param name="pinned">A clean lock file, or null.</param>
    /// <param name="cancellationToken">Ends npm.</param>
    /// <exception cref="FunctionFaultException">DependencyFailed with npm's output.</exception>
    public async Task<string> InstallAsync(BuildContext context, string package, string? pinned, CancellationToken cancellationToken)
    {
        var work = await manager.MakeFolderAsync(context, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(work, FileName), package, cancellationToken);
        if (pinned is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(work, LockName), pinned, cancellationToken);
        }

        await File.WriteAllTextAsync(Path.Combine(work, "npmrc"), NpmConfiguration.Make(options.NpmRegistry), cancellationToken);
        await manager.RunAsync(
            work,
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--omit=peer", "--no-progress", "--install-links=false", "--loglevel=error"],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["NPM_CONFIG_USERCONFIG"] = Path.Combine(work, "npmrc"),
                ["NPM_CONFIG_GLOBALCONFIG"] = Path.Combine(work, "no-global-npmrc"),
                ["NPM_CONFIG_CACHE"] = Path.Combine(work, "cache"),
                ["NPM_CONFIG_UPDATE_NOTIFIER"] = "false",
            },
            cancellationToken);
        var modules = Path.Combine(work, "node_modules");
        Directory.CreateDirectory(modules);
        RemoveLinks(modules);
        return modules;
    }

    /// <summary>The programs' links in <c>.bin</c> are for shells; what is imported needs none of them.</summary>
    private static void RemoveLinks(string modules)
    {
        foreach (var bin in Directory.EnumerateDirectories(modules, ".bin", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).ToList())
        {
            Directory.Delete(bin, recursive: true);
        }
    }
}
