using Microsoft.Win32.SafeHandles;

using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Volumes;

/// <summary>A file on its way into a volume. Disposed before <see cref="Finish"/>, it leaves nothing.</summary>
public sealed class VolumeUpload : IDisposable
{
    private readonly SafeFileHandle _folder;
    private readonly string _part;
    private readonly string _name;
    private readonly string _path;
    private bool _isNamed;

    internal VolumeUpload(SafeFileHandle folder, SafeFileHandle file, string part, string name, string path) =>
        (_folder, File, _part, _name, _path) = (folder, file, part, name, path);

    /// <summary>What is written.</summary>
    public SafeFileHandle File { get; }

    /// <summary>Gives it its name.</summary>
    /// <param name="replaces">Whether it takes the place of a file or link that has it.</param>
    /// <exception cref="VolumeException">A folder has that name, or something and it must not be replaced.</exception>
    public void Finish(bool replaces)
    {
        VolumeTree.Rename(_folder, _part, _name, replaces, $"write {_path}");
        _isNamed = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isNamed && !_folder.IsClosed)
        {
            VolumeTree.Unlink(_folder, _part);
        }

        File.Dispose();
        _folder.Dispose();
    }

    internal void Own(AgentUser owner, uint mode)
    {
        try
        {
            VolumeTree.Check(Libc.ChangeOwnerAt(VolumeTree.Number(_folder), _part, (uint)owner.Uid, (uint)owner.Gid, 0x100), $"write {_path}");
            VolumeTree.Check(Libc.ChangeMode(VolumeTree.Number(File), mode & 0xFFF), $"write {_path}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
