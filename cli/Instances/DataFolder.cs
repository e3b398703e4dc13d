using System.Security.Cryptography;
using System.Text.Json;

using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Instances;

/// <summary>One instance's folder: its state, its token and the address at which it answers. Format version 1.</summary>
internal sealed class DataFolder(string path)
{
    private const string FormatVersion = "1";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public static string DefaultPath => Environment.GetEnvironmentVariable("TOOLRT_DATA") is { Length: > 0 } set
        ? set
        : Environment.IsPrivilegedProcess
            ? "/var/lib/toolrt"
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "toolrt");

    public string TokenFile => File("admin.token");

    public string KeyFile => File("local.key");

    public string LogFile => File("toolrt.log");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder and its token where they are missing; refuses a folder of another format.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(Path, OwnerOnly | UnixFileMode.UserExecute);
        var format = File("format");
        if (System.IO.File.Exists(format))
        {
            var found = System.IO.File.ReadAllText(format).Trim();
            if (found != FormatVersion)
            {
                throw new CommandFailedException(ExitCodes.MachineLacks, $"the data folder {Path} has format {found}; this program reads format {FormatVersion}", "use another folder with --data");
            }
        }
        else
        {
            System.IO.File.WriteAllText(format, FormatVersion + "\n");
        }

        if (!System.IO.File.Exists(TokenFile))
        {
            WritePrivate(TokenFile, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n");
        }
    }

    public void Announce(string url, NatsAddress nats)
    {
        var self = new InstanceFile(Environment.ProcessId, ProcessMark.Of(Environment.ProcessId)?.StartTime ?? 0, url, nats.Url, nats.PasswordFile);
        WritePrivate(File("instance.json"), JsonSerializer.Serialize(self, InstanceJson.Default.InstanceFile));
    }

    public void Withdraw() => System.IO.File.Delete(File("instance.json"));

    /// <summary>The instance that runs on this folder, or null.</summary>
    public InstanceFile? Running()
    {
        var announced = File("instance.json");
        if (!System.IO.File.Exists(announced))
        {
            return null;
        }

        try
        {
            var found = JsonSerializer.Deserialize(System.IO.File.ReadAllText(announced), InstanceJson.Default.InstanceFile);
            return found is not null && ProcessMark.Of(found.Pid)?.StartTime == found.StartTime ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string ReadToken()
    {
        if (!System.IO.File.Exists(TokenFile))
        {
            throw new CommandFailedException(ExitCodes.NotReached, $"no instance was ever started on {Path}", "start one with 'toolrt up', or name another with --data or --server");
        }

        return System.IO.File.ReadAllText(TokenFile).Trim();
    }

    private static void WritePrivate(string path, string content)
    {
        var temporary = path + ".new";
        System.IO.File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(content));
        }

        System.IO.File.Move(temporary, path, overwrite: true);
    }
}
