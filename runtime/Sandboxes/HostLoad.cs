using System.Globalization;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>Whether the host's processors have anything left to give, from two samples of <c>/proc/stat</c>.</summary>
internal sealed class HostLoad
{
    private const string StatFile = "/proc/stat";
    private const double BusyIdleShare = 0.15;

    // A window of 100 ms is 20 ticks on two processors, and one that waited for the disk looks idle.
    private const int CalmWindows = 3;
    private int _calm = CalmWindows;
    private long _idle;
    private long _total;

    /// <summary>Whether less than 15 % was idle between any of the last three calls and the one before it.</summary>
    public bool IsBusy()
    {
        if (!File.Exists(StatFile))
        {
            return false;
        }

        using var file = new StreamReader(StatFile);
        var (idle, total) = Read(file.ReadLine() ?? "");
        var (spare, all) = (idle - _idle, total - _total);
        (_idle, _total) = (idle, total);
        _calm = all > 0 && spare < all * BusyIdleShare ? 0 : _calm + 1;
        return _calm < CalmWindows;
    }

    /// <summary>Idle and total ticks of the first line.</summary>
    internal static (long Idle, long Total) Read(string line)
    {
        var ticks = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(t => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var v) ? v : 0).Take(8).ToArray();
        return ticks.Length < 5 ? (0, 0) : (ticks[3] + ticks[4], ticks.Sum());
    }
}
