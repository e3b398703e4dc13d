using System.Text;

using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>The extended attributes <c>user.e2b.*</c> of files.</summary>
internal static unsafe class ExtendedAttributes
{
    private const string Prefix = "user.e2b.";
    private const int LargestValue = 64 * 1024;

    /// <summary>Them without their prefix; null when there are none, or the file system keeps none.</summary>
    internal static IReadOnlyDictionary<string, string>? Read(string path)
    {
        Dictionary<string, string>? attributes = null;
        foreach (var name in Names(path))
        {
            if (Value(path, name) is { } value)
            {
                attributes ??= new Dictionary<string, string>(StringComparer.Ordinal);
                attributes[name[Prefix.Length..]] = value;
            }
        }

        return attributes;
    }

    /// <summary>Puts <paramref name="attributes"/> in the place of all that there are.</summary>
    internal static void Replace(string path, IReadOnlyDictionary<string, string> attributes)
    {
        foreach (var name in Names(path).Where(name => !attributes.ContainsKey(name[Prefix.Length..])))
        {
            NativeError.Check(Libc.RemoveAttribute(path, name), $"removexattr {name} of {path}");
        }

        foreach (var (name, value) in attributes)
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            fixed (byte* start = bytes)
            {
                NativeError.Check(Libc.SetAttribute(path, Prefix + name, start, bytes.Length, 0), $"setxattr {Prefix}{name} of {path}");
            }
        }
    }

    private static IEnumerable<string> Names(string path)
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

        return Encoding.UTF8.GetString(names, 0, Math.Max(0, length)).Split('\0').Where(name => name.StartsWith(Prefix, StringComparison.Ordinal));
    }

    private static string? Value(string path, string name)
    {
        var length = (int)Libc.GetAttribute(path, name, null, 0);
        if (length is < 0 or > LargestValue)
        {
            return null;
        }

        var value = new byte[length];
        fixed (byte* start = value)
        {
            length = (int)Libc.GetAttribute(path, name, start, length);
        }

        return length < 0 ? null : Encoding.UTF8.GetString(value, 0, length);
    }
}
