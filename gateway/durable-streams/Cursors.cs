using System.Globalization;
using System.Security.Cryptography;

namespace ToolRuntime.Streams;

/// <summary>Cursors of live reads: number of a 20 s interval, so that a cache may join readers; always above the one that a client brings, so that none is served the same answer for ever.</summary>
internal static class Cursors
{
    private const int Interval = 20;
    private const int LargestJitter = 3600 / Interval;
    private static readonly DateTimeOffset s_epoch = new(2024, 10, 9, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The cursor of an answer to a client that brings <paramref name="given"/>.</summary>
    public static string Next(string? given, DateTimeOffset now)
    {
        var current = (long)(now - s_epoch).TotalSeconds / Interval;
        if (long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= current && last < long.MaxValue - LargestJitter)
        {
            current = last + RandomNumberGenerator.GetInt32(1, LargestJitter + 1);
        }

        return current.ToString(CultureInfo.InvariantCulture);
    }
}
