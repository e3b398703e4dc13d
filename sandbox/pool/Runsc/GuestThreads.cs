using System.Globalization;
using System.Text;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>
/// Whether threads of processes have run: the kernel counts how often each was given a processor (the third number of
/// <c>/proc/PID/task/TID/schedstat</c>). While none of those that were there has run, none can have come. Not for several threads at once.
/// </summary>
internal sealed class GuestThreads(Func<IEnumerable<int>> processes)
{
    private string[] _counts = [];
    private long _turns;

    /// <summary>Whether any has run since this was asked last; null where the kernel does not tell.</summary>
    public bool? HaveRun()
    {
        if (_counts.Length > 0 && Turns() == _turns)
        {
            return false;
        }

        _counts = [.. processes().SelectMany(ThreadsOf).Select(t => Path.Combine(t, "schedstat")).Where(File.Exists)];
        _turns = Turns();
        return _counts.Length > 0 ? true : null;
    }

    private static IEnumerable<string> ThreadsOf(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task");
        }
        catch (IOException)
        {
            // It has ended.
            return [];
        }
    }

    private long Turns()
    {
        long sum = 0;
        Span<byte> line = stackalloc byte[128];
        foreach (var count in _counts)
        {
            sum += Read(count, line) is var length and > 0 ? Last(line[..length]) : 0;
        }

        return sum;
    }

    private static long Last(ReadOnlySpan<byte> line) =>
        long.Parse(Encoding.ASCII.GetString(line[(line.LastIndexOf((byte)' ') + 1)..].TrimEnd((byte)'\n')), NumberStyles.None, CultureInfo.InvariantCulture);

    private static int Read(string path, Span<byte> line)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return RandomAccess.Read(file, line, 0);
        }
        catch (IOException)
        {
            // The thread has ended.
            return 0;
        }
    }
}
