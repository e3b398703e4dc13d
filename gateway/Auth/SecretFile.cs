namespace ToolRuntime.Gateway.Auth;

/// <summary>Files that hold secrets: only their owner may read them.</summary>
public static class SecretFile
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The lines of a file that only its owner can read.</summary>
    /// <exception cref="InvalidOperationException">The file is missing or others may read it; the message says how to mend.</exception>
    public static string[] ReadLines(string path)
    {
        if (!File.Exists(path))
        {
            throw new InvalidOperationException($"{path} does not exist: create it with mode 0600");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new InvalidOperationException($"{path} can be read by others: run chmod 600 {path}");
        }

        return File.ReadAllLines(path);
    }

    /// <summary>Writes <paramref name="content"/> whole, mode 0600, so that no reader ever sees half of it.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
