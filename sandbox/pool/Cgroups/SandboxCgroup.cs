using System.Globalization;

namespace ToolRuntime.Sandbox.Cgroups;

/// <summary>The control groups of one sandbox: version 1 has one per controller, version 2 one in all.</summary>
internal abstract class SandboxCgroup
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(2);

    /// <summary>Length of a scheduling period, microseconds.</summary>
    protected const int PeriodMicros = 100_000;

    /// <summary>The files that a process writes 0 to in order to join.</summary>
    public abstract IReadOnlyList<string> JoinFiles { get; }

    /// <summary>Writes the limits; may be called again while the sandbox lives.</summary>
    /// <exception cref="IOException">The kernel refused, such as a memory limit below what is in use.</exception>
    public abstract void SetLimits(in CgroupLimits limits);

    /// <summary>How often the kernel has ended a process of it for the memory limit.</summary>
    public abstract long OutOfMemoryKills();

    /// <summary>Memory in use, bytes, with what of its files the kernel keeps; 0 once the groups are gone.</summary>
    public long MemoryBytes()
    {
        try
        {
            return long.Parse(File.ReadAllText(MemoryFile), CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>The file that tells the memory in use.</summary>
    protected abstract string MemoryFile { get; }

    /// <summary>Moves a process, all of its threads, in. Blocks for some 15 ms: the kernel waits until nobody looks at its groups.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    public void Join(int process)
    {
        foreach (var file in JoinFiles)
        {
            File.WriteAllText(file, process.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The processes in it.</summary>
    public IReadOnlyList<int> Processes() => ReadNumbers(JoinFiles[0]);

    /// <summary>Ends every process in it and waits until all are gone, then removes the groups.</summary>
    public async Task RemoveAsync(TimeProvider time)
    {
        var start = time.GetTimestamp();
        var delay = _poll;
        while (!TryRemove())
        {
            if (time.GetElapsedTime(start) > _deadline)
            {
                throw new IOException($"processes in {Path.GetDirectoryName(JoinFiles[0])} do not end");
            }

            await Task.Delay(delay, time, CancellationToken.None);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, TimeSpan.TicksPerSecond / 10));
        }
    }

    /// <summary>Ends every process in it, without waiting.</summary>
    public virtual void Kill()
    {
        foreach (var process in Processes())
        {
            _ = Native.Libc.Kill(process, Native.Libc.SignalKill);
        }
    }

    /// <summary>The value of <paramref name="key"/> in a file of <c>key value</c> lines, 0 when it is not there.</summary>
    public static long ReadField(string text, string key)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ');
            if (words.Length == 2 && words[0] == key && long.TryParse(words[1], out var value))
            {
                return value;
            }
        }

        return 0;
    }

    /// <summary>Writes a control file.</summary>
    protected static void Write(string folder, string file, string value) =>
        File.WriteAllText(Path.Combine(folder, file), value);

    private bool TryRemove()
    {
        Kill();
        try
        {
            foreach (var file in JoinFiles)
            {
                var folder = Path.GetDirectoryName(file)!;
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder);
                }
            }

            return true;
        }
        catch (IOException)
        {
            // Busy: a process that was killed has not gone yet.
            return false;
        }
    }

    private static List<int> ReadNumbers(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(line => int.TryParse(line, out var number) ? number : 0).Where(number => number > 0)];
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            return [];
        }
    }
}
