using System.Text;

namespace ToolRuntime.Sandbox.Native;

/// <summary>Extended attributes of files; of a link its own.</summary>
internal static unsafe class FileAttributeValues
{
    // The kernel's own limits, XATTR_LIST_MAX and XATTR_SIZE_MAX.
    private const int LongestList = 64 * 1024;
    private const int LongestValue = 64 * 1024;

    /// <summary>Those whose name <paramref name="isWanted"/>, by name; none where the file system keeps none.</summary>
    public static IReadOnlyList<(string Name, byte[] Value)> Of(string path, Func<string, bool> isWanted)
    {
        var length = (int)Libc.ListLinkAttributes(path, null, 0);
        if (length <= 0)
        {
            return [];
        }

        var names = new byte[LongestList];
        fixed (byte* start = names)
        {
            length = (int)Libc.ListLinkAttributes(path, start, names.Length);
        }

        return
        [
            .. Encoding.UTF8.GetString(names, 0, Math.Max(0, length)).Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(isWanted).Order(StringComparer.Ordinal)
                .Select(name => (Name: name, Value: ValueOf(path, name))).Where(found => found.Value is not null).Select(found => (found.Name, found.Value!)),
        ];
    }

    private static byte[]? ValueOf(string path, string name)
    {
        var value = new byte[LongestValue];
        fixed (byte* start = value)
        {
            var length = (int)Libc.GetLinkAttribute(path, name, start, value.Length);
            return length < 0 ? null : value[..length];
        }
    }
}
