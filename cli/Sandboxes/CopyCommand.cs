using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary><c>toolrt sandbox cp</c>: files and folders into and out of a sandbox, streamed.</summary>
internal static class CopyCommand
{
    private const string Folder = "FILE_TYPE_DIRECTORY";
    private static readonly Argument<string> s_from = new("from") { Description = "PATH here, ID:PATH in a sandbox, or - for standard input; a folder's path that ends in /. means what is in it" };
    private static readonly Argument<string> s_to = new("to") { Description = "ID:PATH in a sandbox, PATH here, or - for standard output" };

    public static Command Make()
    {
        var copy = new Verb("cp",
            "Copies files and folders into or out of a sandbox.",
            "toolrt sandbox cp ./data.csv ID:/home/user/data.csv",
            "toolrt sandbox cp ./project ID:/home/user/project",
            "toolrt sandbox cp ID:/home/user/out ./out",
            "pg_dump shop | toolrt sandbox cp - ID:/tmp/shop.sql",
            "toolrt sandbox cp ID:/home/user/plot.png - > plot.png")
        { s_from, s_to, SandboxOptions.User };
        copy.SetAction(RunAsync);
        return copy;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (from, to) = (CopyPlace.Parse(arguments.GetValue(s_from)!), CopyPlace.Parse(arguments.GetValue(s_to)!));
        var id = (from.Sandbox, to.Sandbox) switch
        {
            ({ } inside, null) => inside,
            (null, { } inside) => inside,
            (null, null) => throw new CommandFailedException(ExitCodes.Usage, "neither end is in a sandbox", "write one as ID:PATH, for example 'toolrt sandbox cp ./a.txt ID:/home/user/'"),
            _ => throw new CommandFailedException(ExitCodes.Usage, "both ends are in sandboxes", "copy out with 'toolrt sandbox cp ID:PATH -' and in with 'toolrt sandbox cp - ID:PATH'"),
        };
        using var client = InstanceArguments.Connect(arguments);
        var link = await SandboxLink.OpenAsync(client, id, arguments.GetValue(SandboxOptions.User), cancellationToken);
        await (from.Sandbox is null ? UploadAsync(link, from, to, cancellationToken) : DownloadAsync(link, from, to, cancellationToken));
        return ExitCodes.Done;
    }

    private static async Task UploadAsync(SandboxLink link, CopyPlace from, CopyPlace to, CancellationToken cancellationToken)
    {
        var target = await link.FindAsync(to.Path, cancellationToken);
        var intoFolder = to.IsFolderByName || target?.Text("type") == Folder;
        if (from.IsPipe)
        {
            if (intoFolder)
            {
                throw new CommandFailedException(ExitCodes.Usage, $"{to.Path} is a folder, and standard input has no name", $"name the file: {to.Sandbox}:{to.Path.TrimEnd('/')}/NAME");
            }

            await link.WriteAsync(to.Path, (body, token) => Console.OpenStandardInput().CopyToAsync(body, token), cancellationToken);
            return;
        }

        if (Directory.Exists(from.Path))
        {
            var name = System.IO.Path.GetFileName(System.IO.Path.GetFullPath(from.Path).TrimEnd('/'));
            await FolderTransfer.UploadAsync(link, from.Path, target?.Text("type") == Folder && !from.IsContent ? Join(to.Path, name) : to.Path, cancellationToken);
            return;
        }

        if (!File.Exists(from.Path))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{from.Path} does not exist");
        }

        await link.WriteAsync(intoFolder ? Join(to.Path, from.Name) : to.Path, async (body, token) =>
        {
            await using var file = File.OpenRead(from.Path);
            await file.CopyToAsync(body, token);
        }, cancellationToken);
    }

    private static async Task DownloadAsync(SandboxLink link, CopyPlace from, CopyPlace to, CancellationToken cancellationToken)
    {
        var found = await link.FindAsync(from.Path, cancellationToken)
            ?? throw new CommandFailedException(ExitCodes.Refused, $"{from.Path} does not exist in sandbox {link.Id}", $"'toolrt sandbox ls {link.Id}' shows what is there");
        var isFolder = found.Text("type") == Folder;
        if (to.IsPipe)
        {
            if (isFolder)
            {
                throw new CommandFailedException(ExitCodes.Usage, $"{from.Path} is a folder", $"toolrt sandbox exec {link.Id} -- tar -C {from.Path} -cf - .");
            }

            await using var output = Console.OpenStandardOutput();
            await ReadAsync(link, from.Path, output, cancellationToken);
            return;
        }

        var path = Directory.Exists(to.Path) && !from.IsContent ? System.IO.Path.Combine(to.Path, System.IO.Path.GetFileName(found.Text("path"))) : to.Path;
        if (isFolder)
        {
            await FolderTransfer.DownloadAsync(link, found.Text("path"), path, cancellationToken);
            return;
        }

        if (to.IsFolderByName && !Directory.Exists(to.Path))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"the folder {to.Path} does not exist", $"mkdir -p {to.Path}");
        }

        await SaveAsync(link, from.Path, path, cancellationToken);
    }

    /// <summary>A file that is here whole, or not at all.</summary>
    private static async Task SaveAsync(SandboxLink link, string from, string path, CancellationToken cancellationToken)
    {
        var part = $"{path}.{Environment.ProcessId}.part";
        try
        {
            await using (var file = File.Create(part))
            {
                await ReadAsync(link, from, file, cancellationToken);
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

    private static async Task ReadAsync(SandboxLink link, string path, Stream to, CancellationToken cancellationToken)
    {
        var (response, content) = await link.ReadAsync(path, cancellationToken);
        using (response)
        await using (content)
        {
            await content.CopyToAsync(to, cancellationToken);
        }
    }

    private static string Join(string folder, string name) => folder.EndsWith('/') ? folder + name : $"{folder}/{name}";
}
