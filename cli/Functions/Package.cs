using System.Formats.Tar;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Functions;

/// <summary>Packs what is deployed: one file, or a folder without what no function needs. The same content gives the same bytes.</summary>
internal static class Package
{
    private const long LargestPackage = 256L << 20;
    private static readonly string[] s_left = ["node_modules", "__pycache__", ".git", ".venv", "venv", "bin", "obj", ".mypy_cache", ".pytest_cache", "local.settings.json", ".DS_Store"];
    private static readonly DateTimeOffset s_time = DateTimeOffset.UnixEpoch;

    public static FileStream Make(string path)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full) && !Directory.Exists(full))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{path}: no such file or folder");
        }

        var files = File.Exists(full) ? [(Name: Path.GetFileName(full), Path: full)] : Collect(full);
        if (files.Count == 0)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{path}: the folder has no file to deploy");
        }

        var tar = new FileStream(Path.GetTempFileName(), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, file) in files)
            {
                Add(writer, name, file);
                if (tar.Length > LargestPackage)
                {
                    throw new CommandFailedException(ExitCodes.Usage, $"{path}: more than {LargestPackage >> 20} MiB", "leave out what the function does not read; dependencies belong in requirements.txt or package.json");
                }
            }
        }

        tar.Position = 0;
        return tar;
    }

    private static void Add(TarWriter writer, string name, string file)
    {
        using var content = File.OpenRead(file);
        var executable = (File.GetUnixFileMode(file) & UnixFileMode.UserExecute) != 0;
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = content,
            ModificationTime = s_time,
            Mode = (UnixFileMode)(executable ? 0b111_101_101 : 0b110_100_100),
        });
    }

    private static List<(string Name, string Path)> Collect(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => (Name: Path.GetRelativePath(folder, f).Replace('\\', '/'), Path: f))
            .Where(f => !f.Name.Split('/').Any(s_left.Contains))
            .OrderBy(f => f.Name, StringComparer.Ordinal)];
}
