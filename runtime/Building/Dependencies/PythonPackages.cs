using System.Runtime.InteropServices;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>
/// Python packages: pip downloads wheels for the sandbox's Python, never source archives, so nothing is built or run; they are unpacked
/// by us.
/// </summary>
internal sealed class PythonPackages(PackageManager manager, BuildOptions options)
{
    /// <summary>The file that names them.</summary>
    public const string FileName = "requirements.txt";

    // Debian's own: another python3 in the path may have no pip, or lie where the package manager's user may not look.
    private static readonly string s_python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    private static readonly int[] s_glibcMinors = [17, 24, 26, 27, 28, 31, 34, 35, 36];

    /// <summary>Fills <paramref name="target"/> with the packages.</summary>
    /// <exception cref="FunctionFaultException">DependencyFailed with pip's output, or DeployRefused.</exception>
    public async Task InstallAsync(BuildContext context, IReadOnlyList<string> requirements, string pythonVersion, string target, CancellationToken cancellationToken)
    {
        var work = await manager.MakeFolderAsync(context, cancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(work, FileName), requirements, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(work, "pip.conf"), PipConfiguration.Make(options.PythonIndex), cancellationToken);
        await manager.RunAsync(
            work,
            Arguments(pythonVersion),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PIP_CONFIG_FILE"] = Path.Combine(work, "pip.conf"), ["PIP_NO_INPUT"] = "1" },
            cancellationToken);
        var archive = new PackageArchive(target, new UnpackBounds(options.MaximumBytes, options.MaximumFiles));
        foreach (var wheel in Directory.EnumerateFiles(Path.Combine(work, "wheels"), "*.whl").Order(StringComparer.Ordinal))
        {
            await archive.UnpackWheelAsync(wheel, cancellationToken);
        }
    }

    private static List<string> Arguments(string pythonVersion)
    {
        var machine = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
        List<string> arguments =
        [
            s_python, "-m", "pip", "download", "--requirement", FileName, "--dest", "wheels", "--only-binary", ":all:", "--no-cache-dir",
            "--disable-pip-version-check", "--progress-bar", "off", "--implementation", "cp", "--python-version", pythonVersion,
            "--abi", $"cp{pythonVersion.Replace(".", "", StringComparison.Ordinal)}", "--abi", "abi3", "--abi", "none",
            "--platform", $"linux_{machine}", "--platform", $"manylinux2014_{machine}",
        ];
        foreach (var minor in s_glibcMinors)
        {
            arguments.AddRange(["--platform", $"manylinux_2_{minor}_{machine}"]);
        }

        return arguments;
    }
}
