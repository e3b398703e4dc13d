using System.Security.Cryptography;

namespace ToolRuntime.Bus.Nats.Server;

/// <summary>The supervised server's files. Held by one process at a time; the lock goes with the process, however it ends.</summary>
internal sealed class ServerFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const long LargestStore = 16L << 30;
    private const long SmallestStore = 64L << 20;
    private readonly FileStream _lock;

    private ServerFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The generated configuration, mode 0600: it holds the password.</summary>
    public string ConfigurationFile => In("nats-server.conf");

    /// <summary>The password, mode 0600.</summary>
    public string PasswordFile => In("password");

    /// <summary>The server's own log.</summary>
    public string LogFile => In("nats-server.log");

    /// <summary>Which process runs.</summary>
    public string ProcessFile => In("process");

    /// <summary>JetStream's files.</summary>
    public string StoreFolder => In("jetstream");

    /// <summary>Makes and locks the folder.</summary>
    /// <exception cref="InvalidOperationException">Another process holds it.</exception>
    public static ServerFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        try
        {
            return new ServerFolder(path, new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error)
        {
            throw new InvalidOperationException($"{path} is in use by another toolrt; end that one (toolrt down) or give another folder (--data)", error);
        }
    }

    /// <summary>Writes a file that only its owner can read, whole or not at all.</summary>
    public static void WritePrivate(string path, string text)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(text);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The password, made at the first start.</summary>
    public string Password()
    {
        if (!File.Exists(PasswordFile))
        {
            WritePrivate(PasswordFile, RandomNumberGenerator.GetHexString(48, lowercase: true) + "\n");
        }

        return File.ReadLines(PasswordFile).First();
    }

    /// <summary>Bytes that JetStream may use, its present ones included: half of what it could have, at most 16 GiB.</summary>
    public long StoreBudget()
    {
        Directory.CreateDirectory(StoreFolder);
        var used = Directory.EnumerateFiles(StoreFolder, "*", SearchOption.AllDirectories).Sum(static f => new FileInfo(f).Length);
        return StoreBudget(new DriveInfo(Path).AvailableFreeSpace, used);
    }

    /// <summary>The last lines of the server's log, for an error.</summary>
    public string LogTail() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(5)) : "";

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    internal static long StoreBudget(long free, long used) => Math.Clamp((free + used) / 2, SmallestStore, LargestStore);

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
