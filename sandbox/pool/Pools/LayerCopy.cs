using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>Copies a small layer into a sandbox through its agent.</summary>
internal static class LayerCopy
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute;

    // What is copied counts as the sandbox's memory, and takes time by its length; the way to mount takes a process of the host.
    private const long MostCopied = 64 * 1024;

    /// <summary>Whether layers of this size are copied; else they are mounted.</summary>
    public static bool Fits(IReadOnlyList<LayerReference> layers) => layers.Sum(layer => layer.Size) <= MostCopied;

    /// <summary>Whether a folder holds a link, which cannot be copied.</summary>
    public static bool HasLink(string folder) =>
        new DirectoryInfo(folder).EnumerateFileSystemInfos().Any(entry => entry.LinkTarget is not null || (entry is DirectoryInfo && HasLink(entry.FullName)));

    /// <summary>Copies the folder <paramref name="source"/>, which holds no link, to <paramref name="target"/>, which is not there yet.</summary>
    /// <exception cref="IOException">The channel has ended.</exception>
    /// <exception cref="AgentException">The agent could not write; the message names the kernel's error.</exception>
    public static async ValueTask CopyAsync(AgentClient agent, string source, string target, CancellationToken cancellationToken)
    {
        foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos())
        {
            var path = $"{target}/{entry.Name}";
            if (entry is DirectoryInfo)
            {
                await CopyAsync(agent, entry.FullName, path, cancellationToken);
            }
            else
            {
                var content = await File.ReadAllBytesAsync(entry.FullName, cancellationToken);
                await agent.PutFileAsync(path, entry.UnixFileMode.HasFlag(Executable), content, cancellationToken);
            }
        }
    }
}
