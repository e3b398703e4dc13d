using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Sandboxes;

namespace ToolRuntime.Cli.Volumes;

/// <summary><c>toolrt volume cp</c>: files and folders into and out of a volume, streamed; no sandbox is needed for it.</summary>
internal static class VolumeCopy
{
    private const string Folder = "directory";
    private const UnixFileMode Kept = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private static readonly Argument<string> s_from = new("from") { Description = "PATH here, NAME:PATH in a volume, or - for standard input" };
    private static readonly Argument<string> s_to = new("to") { Description = "NAME:PATH in a volume, PATH here, or - for standard output" };

    public static Command Make()
    {
        var copy = new Verb("cp",
            "Copies files and folders into or out of a volume.",
            "toolrt volume cp ./data.csv data:/data.csv",
            "toolrt volume cp ./corpus data:/corpus",
            "toolrt volume cp data:/results ./results",
            "pg_dump shop | toolrt volume cp - data:/shop.sql",
            "toolrt volume cp data:/plot.png - > plot.png")
        { s_from, s_to };
        copy.SetAction(RunAsync);
        return copy;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (from, to) = (CopyPlace.Parse(arguments.GetValue(s_from)!), CopyPlace.Parse(arguments.GetValue(s_to)!));
        using var client = InstanceArguments.Connect(arguments);
        switch (from.Sandbox, to.Sandbox)
        {
            case ({ } volume, null):
                await DownloadAsync(await VolumeLink.OpenAsync(client, volume, cancellationToken), from, to, cancellationToken);
                return ExitCodes.Done;
            case (null, { } volume):
                await UploadAsync(await VolumeLink.OpenAsync(client, volume, cancellationToken), from, to, cancellationToken);
                return ExitCodes.Done;
            default:
                throw new CommandFailedException(ExitCodes.Usage, "one end must be in a volume, and one not", "write it as NAME:PATH, for example 'toolrt volume cp ./a.txt data:/a.txt'");
        }
    }

    private static async Task UploadAsync(VolumeLink link, CopyPlace from, CopyPlace to, CancellationToken cancellationToken)
    {
        var isFolder = to.IsFolderByName || (await link.FindAsync(to.Path, cancellationToken))?.Text("type") == Folder;
        if (from.IsPipe)
        {
            if (isFolder)
            {
                throw new CommandFailedException(ExitCodes.Usage, $"{to.Path} is a folder, and standard input has no name", $"name the file: {to.Sandbox}:{to.Path.TrimEnd('/')}/NAME");
            }

            await using var input = Console.OpenStandardInput();
            await link.WriteAsync(to.Path, input, null, cancellationToken);
        }
        else if (Directory.Exists(from.Path))
        {
            await UploadFolderAsync(link, from.Path, isFolder && !from.IsContent ? Join(to.Path, NameOf(from.Path)) : to.Path, cancellationToken);
        }
        else if (File.Exists(from.Path))
        {
            await UploadFileAsync(link, from.Path, isFolder ? Join(to.Path, from.Name) : to.Path, cancellationToken);
        }
        else
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{from.Path} does not exist");
        }
    }

    private static async Task UploadFolderAsync(VolumeLink link, string folder, string target, CancellationToken cancellationToken)
    {
        await link.MakeFolderAsync(target, cancellationToken);
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null)
            {
                Console.Error.WriteLine($"left out: {entry.FullName} is a link");
            }
            else if (entry is DirectoryInfo)
            {
                await UploadFolderAsync(link, entry.FullName, Join(target, entry.Name), cancellationToken);
            }
            else
            {
                await UploadFileAsync(link, entry.FullName, Join(target, entry.Name), cancellationToken);
            }
        }
    }

    private static async Task UploadFileAsync(VolumeLink link, string path, string target, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        await link.WriteAsync(target, file, File.GetUnixFileMode(path) & Kept, cancellationToken);
    }

    private static async Task DownloadAsync(VolumeLink link, CopyPlace from, CopyPlace to, CancellationToken cancellationToken)
    {
        var found = await link.FindAsync(from.Path, cancellationToken) ?? throw new CommandFailedException(ExitCodes.Refused, $"{from.Path} does not exist in volume {link.Name}");
        if (to.IsPipe)
        {
            await using var output = Console.OpenStandardOutput();
            await link.ReadAsync(from.Path, output, cancellationToken);
            return;
        }

        var path = Directory.Exists(to.Path) && !from.IsContent && NameOf(from.Path) is { Length: > 0 } name ? Path.Combine(to.Path, name) : to.Path;
        if (found.Text("type") == Folder)
        {
            await DownloadFolderAsync(link, from.Path, path, cancellationToken);
            return;
        }

        await SaveAsync(link, from.Path, path, cancellationToken);
    }

    /// <summary>What comes is written below <paramref name="target"/> and nowhere else: names are checked, and links are left out.</summary>
    private static async Task DownloadFolderAsync(VolumeLink link, string folder, string target, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(target);
        Directory.CreateDirectory(root);
        var start = "/" + folder.Trim('/');
        foreach (var entry in await link.ListAsync(folder, cancellationToken))
        {
            var inner = entry.Text("path")[start.TrimEnd('/').Length..].TrimStart('/');
            var place = Path.GetFullPath(Path.Combine(root, inner));
            if (!place.StartsWith(root + "/", StringComparison.Ordinal) || entry.Text("type") is not (Folder or "file"))
            {
                Console.Error.WriteLine($"left out: {entry.Text("path")}, which is neither file nor folder");
            }
            else if (entry.Text("type") == Folder)
            {
                Directory.CreateDirectory(place);
            }
            else
            {
                await SaveAsync(link, entry.Text("path"), place, cancellationToken);
            }
        }
    }

    /// <summary>A file that is here whole, or not at all.</summary>
    private static async Task SaveAsync(VolumeLink link, string from, string path, CancellationToken cancellationToken)
    {
        var part = $"{path}.{Environment.ProcessId}.part";
        try
        {
            await using (var file = File.Create(part))
            {
                await link.ReadAsync(from, file, cancellationToken);
            }

            File.Move(part, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCodes.MachineLacks, $"{path} cannot be written: {error.Message}");
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static string NameOf(string path) => Path.GetFileName(path.TrimEnd('/'));

    private static string Join(string folder, string name) => folder.EndsWith('/') ? folder + name : $"{folder}/{name}";
}
