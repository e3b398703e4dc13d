using System.Globalization;

namespace ToolRuntime.E2b.Wire;

/// <summary>Moments as the protocol writes them.</summary>
public static class TimeText
{
    /// <summary>RFC 3339, in UTC.</summary>
    public static string Of(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
