using System.Text;

using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Archives;

/// <summary>What an archive says of a file beside what every tar does, as records of the pax format.</summary>
internal static unsafe class ArchiveRecords
{
    /// <summary>Of a folder: the names that it holds, so that others can be taken away when it is unpacked.</summary>
    public const string Names = "TOOLRT.names";

    // What GNU tar and others use.
    private const string AttributePrefix = "SCHILY.xattr.";
    private const string UserPrefix = "user.";
    private const int LongestNames = 512 * 1024;
    private const int LongestValue = 64 * 1024;

    /// <summary>The record of the names in a folder; null where they are too many.</summary>
    public static string? NamesOf(IReadOnlyList<string> names) => names.Sum(name => name.Length + 1) > LongestNames ? null : string.Join('/', names);

    /// <summary>The attributes <c>user.*</c> of a file or folder, as records.</summary>
    public static IEnumerable<KeyValuePair<string, string>> AttributesOf(string path)
    {
        foreach (var name in AttributeNames(path))
        {
            if (Value(path, name) is { } value)
            {
                yield return new(AttributePrefix + name, value);
            }
        }
    }

    /// <summary>Sets the attributes that records tell.</summary>
    public static void SetAttributes(string path, IEnumerable<KeyValuePair<string, string>> records)
    {
        foreach (var (key, value) in records.Where(record => record.Key.StartsWith(AttributePrefix + UserPrefix, StringComparison.Ordinal)))
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            fixed (byte* start = bytes)
            {
                // One that cannot be kept is not worth the file.
                _ = Libc.SetAttribute(path, key[AttributePrefix.Length..], start, bytes.Length, 0);
            }
        }
    }

    private static IEnumerable<string> AttributeNames(string path)
    {
        var length = (int)Libc.ListAttributes(path, null, 0);
        if (length <= 0)
        {
            return [];
        }

        var names = new byte[length];
        fixed (byte* start = names)
        {
            length = (int)Libc.ListAttributes(path, start, length);
        }

        return Encoding.UTF8.GetString(names, 0, Math.Max(0, length)).Split('\0').Where(name => name.StartsWith(UserPrefix, StringComparison.Ordinal));
    }

    private static string? Value(string path, string name)
    {
        var value = new byte[LongestValue];
        fixed (byte* start = value)
        {
            var length = (int)Libc.GetAttribute(path, name, start, value.Length);
            return length < 0 ? null : Encoding.UTF8.GetString(value, 0, length);
        }
    }
}
