using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace ToolRuntime.Sdk.Scripts;

/// <summary>Where a script's own assemblies lie: the layer with the NuGet packages and, for <c>#r "lib/x.dll"</c>, folders of the package.</summary>
internal static class AssemblyFolders
{
    /// <summary>Lets the runtime find assemblies and native libraries in <paramref name="folders"/>, from now on.</summary>
    public static void Probe(IReadOnlyList<string> folders)
    {
        AssemblyLoadContext.Default.Resolving += (context, name) => Find(folders, name.Name + ".dll") is { } path ? context.LoadFromAssemblyPath(path) : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Native(folders, name);
    }

    private static string? Find(IReadOnlyList<string> folders, string file) =>
        folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static nint Native(IReadOnlyList<string> folders, string name)
    {
        string[] forms = [name, $"{name}.so", $"lib{name}.so", $"lib{name}"];
        return forms.Select(form => Find(folders, form)).FirstOrDefault(path => path is not null) is { } path
            ? NativeLibrary.Load(path)
            : nint.Zero;
    }
}
