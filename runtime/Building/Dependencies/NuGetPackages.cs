using System.Runtime.InteropServices;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>NuGet packages: a generated project is restored, which downloads and runs nothing of the packages; nothing is built.</summary>
internal sealed class NuGetPackages(PackageManager manager, BuildOptions options)
{
    private const string Framework = "net10.0";

    /// <summary>Puts the packages' run-time assemblies and native libraries into <paramref name="target"/>.</summary>
    /// <exception cref="FunctionFaultException">DependencyFailed with NuGet's output.</exception>
    public async Task RestoreAsync(BuildContext context, IReadOnlyList<NuGetPackage> packages, string target, CancellationToken cancellationToken)
    {
        var work = await manager.MakeFolderAsync(context, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(work, "script.csproj"), Project(packages), cancellationToken);
        foreach (var name in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
        {
            // What stands in the folders above must not have a say.
            await File.WriteAllTextAsync(Path.Combine(work, name), "<Project/>", cancellationToken);
        }

        await WriteSourcesAsync(Path.Combine(work, "NuGet.Config"), cancellationToken);
        await manager.RunAsync(
            work,
            ["dotnet", "restore", "script.csproj", "--configfile", "NuGet.Config", "-v", "q", "--disable-build-servers", "--nologo"],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["DOTNET_CLI_HOME"] = work,
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                ["DOTNET_NOLOGO"] = "1",
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["NUGET_CERT_REVOCATION_MODE"] = "offline",
                ["NUGET_PACKAGES"] = Path.Combine(work, "packages"),
            },
            cancellationToken);
        Collect(await File.ReadAllBytesAsync(Path.Combine(work, "obj", "project.assets.json"), cancellationToken), Path.Combine(work, "packages"), target);
    }

    /// <summary>Copies what runs, flat: assemblies and native libraries of the whole closure.</summary>
    internal static void Collect(byte[] assets, string packages, string target)
    {
        using var document = JsonDocument.Parse(assets);
        var libraries = document.RootElement.GetProperty("libraries"u8);
        var chosen = document.RootElement.GetProperty("targets"u8).EnumerateObject().Last().Value;
        foreach (var library in chosen.EnumerateObject())
        {
            var home = libraries.GetProperty(library.Name).GetProperty("path"u8).GetString()!;
            foreach (var asset in Assets(library.Value, "runtime").Concat(Assets(library.Value, "native")))
            {
                File.Copy(Path.Combine(packages, home, asset), Path.Combine(target, Path.GetFileName(asset)), overwrite: true);
            }
        }
    }

    private static IEnumerable<string> Assets(JsonElement library, string kind) =>
        library.TryGetProperty(kind, out var files) ? files.EnumerateObject().Select(f => f.Name).Where(f => Path.GetFileName(f) != "_._") : [];

    private static string Project(IReadOnlyList<NuGetPackage> packages) =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>{Framework}</TargetFramework>
            <RuntimeIdentifier>linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}</RuntimeIdentifier>
            <SelfContained>false</SelfContained>
            <UseAppHost>false</UseAppHost>
            <NuGetAudit>false</NuGetAudit>
          </PropertyGroup>
          <ItemGroup>
            {string.Join("\n    ", packages.Select(p => $"""<PackageReference Include="{p.Id}" Version="[{p.Version}]" />"""))}
          </ItemGroup>
        </Project>
        """;

    // Restore reads the machine's sources as root would; its own user cannot look into root's home.
    private async Task WriteSourcesAsync(string path, CancellationToken cancellationToken)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string?[] known = [options.NuGetConfig, Path.Combine(home, ".nuget/NuGet/NuGet.Config"), "/etc/opt/NuGet/Config/NuGet.Config"];
        var found = known.FirstOrDefault(file => file is not null && File.Exists(file));
        await File.WriteAllTextAsync(path, found is null ? "<configuration/>" : await File.ReadAllTextAsync(found, cancellationToken), cancellationToken);
    }
}
