using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Archives;

/// <summary>
/// Writes folders as an image's layer: by name, with owners, modes, times, links and attributes as they are. Devices and sockets are left out:
/// whoever starts a container makes its own.
/// </summary>
internal sealed class LayerTar(TarOutput tar)
{
    // How layers say that a file of a lower one is gone.
    private const string Whiteout = ".wh.";
    private const char Unreadable = '\uFFFD';
    private const uint FolderMode = 0b111_101_101;
    private static readonly EnumerationOptions s_all = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
    private readonly Dictionary<(ulong, ulong), string> _names = [];

    /// <summary>Whether all belongs to root, whoever it belongs to here.</summary>
    public bool IsRoots { get; init; }

    /// <summary>Writes the folders that lead to <paramref name="path"/>, and itself: root's, and readable to all.</summary>
    public void AddFolders(string path)
    {
        var name = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            name += part + "/";
            tar.Write(new TarItem(TarItem.Folder, name) { Mode = FolderMode });
        }
    }

    /// <summary>Writes what <paramref name="folder"/> holds and <paramref name="isWanted"/> by its name, below <paramref name="prefix"/>, which is empty or ends with a slash.</summary>
    /// <exception cref="IOException">Something cannot be read.</exception>
    /// <exception cref="SandboxSetupException">Something has a name that no layer can have.</exception>
    public void AddContent(string folder, string prefix, Func<string, bool>? isWanted = null)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", s_all).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (isWanted?.Invoke(name) != false)
            {
                Add(path, prefix + Checked(name, path));
            }
        }
    }

    private static string Checked(string name, string path) =>
        name.Contains(Unreadable, StringComparison.Ordinal) ? throw new SandboxSetupException($"the name of {path} is not UTF-8", "rename it in what makes the image")
        : name.StartsWith(Whiteout, StringComparison.Ordinal) ? throw new SandboxSetupException($"{path}: in a layer such a name says that another file is gone", "rename it in what makes the image")
        : name;

    private static string TargetOf(string path) => new FileInfo(path).LinkTarget switch
    {
        null => throw new IOException($"{path} is no link any more"),
        var target when target.Contains(Unreadable, StringComparison.Ordinal) => throw new SandboxSetupException($"what {path} leads to is not UTF-8", "change it in what makes the image"),
        var target => target,
    };

    private static bool IsKept(string attribute) => attribute is "security.capability" || attribute.StartsWith("user.", StringComparison.Ordinal);

    private void Add(string path, string name)
    {
        var status = FileStatus.Of(path);
        switch (status.Type)
        {
            case 0x8000:
                AddFile(path, name, status);
                break;
            case 0x4000:
                tar.Write(Item(TarItem.Folder, path, name + "/", status));
                AddContent(path, name + "/");
                break;
            case 0xA000:
                tar.Write(Item(TarItem.SymbolicLink, path, name, status) with { Target = TargetOf(path) });
                break;
            case 0x1000:
                tar.Write(Item(TarItem.NamedPipe, path, name, status));
                break;
        }
    }

    private void AddFile(string path, string name, in FileStatus status)
    {
        if (status.Links > 1 && !_names.TryAdd(status.Node, name))
        {
            tar.Write(Item(TarItem.HardLink, path, name, status) with { Target = _names[status.Node], Attributes = [] });
            return;
        }

        using var content = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        tar.Write(Item(TarItem.File, path, name, status) with { Size = status.Size }, content);
    }

    private TarItem Item(char type, string path, string name, in FileStatus status) => new(type, name)
    {
        Mode = status.Permissions,
        User = IsRoots ? 0 : status.User,
        Group = IsRoots ? 0 : status.Group,
        Modified = status.Modified,
        Attributes = FileAttributeValues.Of(path, IsKept),
    };
}
