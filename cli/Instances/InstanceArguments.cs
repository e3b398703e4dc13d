using System.CommandLine;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Instances;

/// <summary>The options by which every command finds its instance.</summary>
internal static class InstanceArguments
{
    public static Option<string> Data { get; } = new("--data")
    {
        Description = "Folder of the instance (default: $TOOLRT_DATA, /var/lib/toolrt for root, else the user's data folder)",
        DefaultValueFactory = _ => DataFolder.DefaultPath,
        Recursive = true,
        HelpName = "FOLDER",
    };

    public static Option<string?> Server { get; } = new("--server")
    {
        Description = "URL of a distant instance, instead of --data",
        Recursive = true,
        HelpName = "URL",
    };

    public static Option<string?> KeyFile { get; } = new("--key-file")
    {
        Description = "File (mode 0600) with the key for --server",
        Recursive = true,
        HelpName = "FILE",
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print JSON for scripts",
        Recursive = true,
    };

    public static void AddTo(RootCommand root)
    {
        root.Options.Add(Data);
        root.Options.Add(Server);
        root.Options.Add(KeyFile);
        root.Options.Add(Json);
    }

    public static DataFolder Folder(ParseResult arguments) => new(arguments.GetValue(Data)!);

    /// <summary>The client of the instance that the arguments name.</summary>
    public static AdminClient Connect(ParseResult arguments)
    {
        if (arguments.GetValue(Server) is { } server)
        {
            if (!Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                throw new CommandFailedException(ExitCodes.Usage, $"--server {server} is not an http or https URL", "for example https://tools.example.com");
            }

            return new AdminClient(url, arguments.GetValue(KeyFile) is { } file ? ReadKey(file) : null);
        }

        var folder = Folder(arguments);
        var running = folder.Running()
            ?? throw new CommandFailedException(ExitCodes.NotReached, $"no instance runs on {folder.Path}", "start one with 'toolrt up', or name another with --data or --server");
        return new AdminClient(new Uri(running.Url), folder.ReadToken());
    }

    private static string ReadKey(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"the key file {path} does not exist");
        }

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & others) != 0)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"the key file {path} can be read by others", $"chmod 600 {path}");
        }

        return File.ReadAllText(path).Trim();
    }
}
