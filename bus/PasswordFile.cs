namespace ToolRuntime.Bus;

/// <summary>Reads a password from a file that only its owner can read.</summary>
internal static class PasswordFile
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The first line of the file.</summary>
    /// <exception cref="InvalidOperationException">It is missing, empty, or open to others; says how to mend.</exception>
    public static async ValueTask<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var lines = (await ReadAllAsync(path, cancellationToken)).Split('\n');
        return lines[0].TrimEnd('\r') is { Length: > 0 } password ? password : throw new InvalidOperationException($"the bus's password file {path} is empty; its first line is the password");
    }

    /// <summary>The whole file.</summary>
    /// <exception cref="InvalidOperationException">It is missing, or open to others; says how to mend.</exception>
    public static async ValueTask<string> ReadAllAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new InvalidOperationException($"the bus's password file {path} is missing; make it with mode 0600, or name another in $TOOLRT_NATS_PASSWORD_FILE");
        }

        if ((File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new InvalidOperationException($"the bus's password file {path} can be read by others; run: chmod 600 {path}");
        }

        return await File.ReadAllTextAsync(path, cancellationToken);
    }
}
