namespace ToolRuntime.E2b.Templates;

/// <summary>Ids of builds. They are ids as all of ours are, 32 hexadecimal digits; on the wire they have the dashes of a UUID, which Python's SDK reads them as.</summary>
internal static class BuildId
{
    /// <summary>A fresh random id.</summary>
    public static string New() => Guid.NewGuid().ToString("N");

    /// <summary>An id as it is shown. One that a snapshot has from elsewhere is shown as it is.</summary>
    public static string ToWire(string id) => Guid.TryParseExact(id, "N", out var uuid) ? uuid.ToString("D") : id;

    /// <summary>The id that is meant by <paramref name="text"/>.</summary>
    public static string FromWire(string text) => Guid.TryParseExact(text, "D", out var uuid) ? uuid.ToString("N") : text;
}
