namespace ToolRuntime.Sandbox.Native;

/// <summary>A lock between processes on something in the shared cache. The kernel frees it when its holder dies.</summary>
internal sealed class CacheLock : IDisposable
{
    private const int HeldByAnother = 11;
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _file;

    private CacheLock(FileStream file) => _file = file;

    /// <summary>Waits until the lock at <paramref name="path"/> is ours.</summary>
    public static async Task<CacheLock> TakeAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new CacheLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException error) when (error.HResult == HeldByAnother)
            {
                await Task.Delay(_retry, time, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
