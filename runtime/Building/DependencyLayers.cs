using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building.Dependencies;

namespace ToolRuntime.Runtime.Building;

/// <summary>The layers with what a package depends on, by content.</summary>
internal sealed class DependencyLayers(ObjectStore objects, BuildSandbox sandbox, BuildOptions options, TimeProvider time)
{
    private readonly LayerWriter _writer = new(objects, new UnpackBounds(options.MaximumBytes, options.MaximumFiles));
    private readonly LayerIndex _index = new(Path.Combine(options.WorkFolder, "known"), objects, time);
    private readonly PythonPackages _python = new(new PackageManager(options, time), options);
    private readonly NodePackages _node = new(new PackageManager(options, time), options);
    private readonly NuGetPackages _nuget = new(new PackageManager(options, time), options);

    /// <summary>Installs what the draft's files name.</summary>
    public async Task<IReadOnlyList<LayerReference>> InstallAsync(BuildContext context, FunctionVersion draft, CancellationToken cancellationToken)
    {
        LayerReference? layer = draft.Manifest.Language switch
        {
            FunctionLanguage.Python when Find(context, PythonPackages.FileName) is { } path => await PythonAsync(context, draft, path, cancellationToken),
            FunctionLanguage.JavaScript or FunctionLanguage.TypeScript or FunctionLanguage.Mcp when Find(context, NodePackages.FileName) is { } path =>
                await NodeAsync(context, path, cancellationToken),
            FunctionLanguage.CSharp => await NuGetAsync(context, cancellationToken),
            _ => null,
        };
        return layer is null ? [] : [layer];
    }

    /// <summary>Installs one npm package, for an MCP server's command.</summary>
    public async Task<LayerReference> InstallNodeAsync(BuildContext context, string package, string? pinned, CancellationToken cancellationToken)
    {
        var key = LayerIndex.KeyOf(context.Tenant, "npm", options.NpmRegistry ?? "", package, pinned ?? "");
        if (await _index.FindAsync(context.Tenant, key, cancellationToken) is { } known)
        {
            await context.StepAsync("npm packages: installed before");
            return known;
        }

        await context.StepAsync("installing npm packages");
        var modules = await _node.InstallAsync(context, package, pinned, cancellationToken);
        return await KeepAsync(context, LayerKind.NodeModules, modules, key, cancellationToken);
    }

    private static string? Find(BuildContext context, string name)
    {
        var path = Path.Combine(context.Code, name);
        return File.Exists(path) ? path : null;
    }

    private async Task<LayerReference?> PythonAsync(BuildContext context, FunctionVersion draft, string path, CancellationToken cancellationToken)
    {
        var requirements = RequirementsFile.Parse(await File.ReadAllTextAsync(path, cancellationToken));
        if (requirements.Count == 0)
        {
            return null;
        }

        var version = await sandbox.PythonVersionAsync(draft, cancellationToken);
        var key = LayerIndex.KeyOf(context.Tenant, ["pip", version, options.PythonIndex ?? "", .. requirements]);
        if (await _index.FindAsync(context.Tenant, key, cancellationToken) is { } known)
        {
            await context.StepAsync($"{requirements.Count} Python packages: installed before");
            return known;
        }

        await context.StepAsync($"installing {requirements.Count} Python packages and what they need");
        var target = Path.Combine(context.Folder, "site-packages");
        Directory.CreateDirectory(target);
        await _python.InstallAsync(context, requirements, version, target, cancellationToken);
        return await KeepAsync(context, LayerKind.PythonPackages, target, key, cancellationToken);
    }

    private async Task<LayerReference?> NodeAsync(BuildContext context, string path, CancellationToken cancellationToken)
    {
        if (PackageJson.Clean(await File.ReadAllTextAsync(path, cancellationToken)) is not { } package)
        {
            return null;
        }

        var pinned = Find(context, NodePackages.LockName) is { } pins ? PackageJson.CleanLock(await File.ReadAllTextAsync(pins, cancellationToken)) : null;
        return await InstallNodeAsync(context, package, pinned, cancellationToken);
    }

    private async Task<LayerReference?> NuGetAsync(BuildContext context, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(context.Assemblies);
        var packages = NuGetDirectives.Read(context.Code);
        if (packages.Count == 0)
        {
            return null;
        }

        // Not kept by name as the others are: what is stored in the end is one layer of these and of the compiled script.
        await context.StepAsync($"restoring {packages.Count} NuGet packages and what they need");
        await _nuget.RestoreAsync(context, packages, context.Assemblies, cancellationToken);
        return await _writer.StoreAsync(context.Tenant, LayerKind.Assemblies, context.Assemblies, context.Scratch(LayerKind.Assemblies), cancellationToken);
    }

    private async Task<LayerReference> KeepAsync(BuildContext context, LayerKind kind, string folder, string key, CancellationToken cancellationToken)
    {
        var layer = await _writer.StoreAsync(context.Tenant, kind, folder, context.Scratch(kind), cancellationToken);
        await _index.KeepAsync(key, layer, cancellationToken);
        return layer;
    }
}
