namespace ToolRuntime.E2b.Envd;

/// <summary>Attributes that an upload gives its files (<c>X-Metadata-*</c>): extended attributes below <c>user.e2b.</c>.</summary>
internal static class UploadAttributes
{
    private const int LongestKey = 246;
    private const int MostBytes = 4096;

    /// <summary>Why they are refused, or null.</summary>
    public static string? Refuse(IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.Sum(a => a.Key.Length + a.Value.Length) > MostBytes)
        {
            return $"metadata is larger than {MostBytes} bytes";
        }

        return attributes.FirstOrDefault(a => a.Key.Length is 0 or > LongestKey || a.Value.Any(c => c is < ' ' or > '~')) is { Key: { } key }
            ? $"metadata '{key}': a key has 1 to {LongestKey} characters, a value printable ASCII only"
            : null;
    }
}
