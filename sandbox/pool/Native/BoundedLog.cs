using System.Text;

using Microsoft.Win32.SafeHandles;

namespace ToolRuntime.Sandbox.Native;

/// <summary>The last of what comes out of a pipe, read only when somebody looks: no thread waits for it, and a writer that nobody looks after is held at the pipe's 64 KiB.</summary>
internal sealed class BoundedLog : IDisposable
{
    private const int Kept = 16 * 1024;
    private readonly SafeFileHandle _pipe;
    private readonly Lock _gate = new();
    private readonly byte[] _chunk = new byte[4096];
    private byte[] _tail = [];

    /// <summary>Reads from <paramref name="pipe"/>, which is its own from here on.</summary>
    public BoundedLog(SafeFileHandle pipe)
    {
        _pipe = pipe;
        _ = Libc.FileControl((int)pipe.DangerousGetHandle(), Libc.SetFileStatus, Libc.OpenNonBlocking);
    }

    /// <summary>Takes what is in the pipe now, and returns the last 16 KiB of all that came so far.</summary>
    public string Read()
    {
        lock (_gate)
        {
            if (!_pipe.IsClosed)
            {
                Drain();
            }

            return Encoding.UTF8.GetString(_tail).Trim();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _pipe.Dispose();
        }
    }

    private unsafe void Drain()
    {
        fixed (byte* buffer = _chunk)
        {
            // Bounded: a guest that writes as fast as this reads must not hold the reader here.
            for (var rounds = 0; rounds < 64; rounds++)
            {
                var count = (int)Libc.Read((int)_pipe.DangerousGetHandle(), buffer, _chunk.Length);
                if (count <= 0)
                {
                    return;
                }

                var joined = new byte[_tail.Length + count];
                _tail.CopyTo(joined, 0);
                _chunk.AsSpan(0, count).CopyTo(joined.AsSpan(_tail.Length));
                _tail = joined.Length <= Kept ? joined : joined[^Kept..];
            }
        }
    }
}
