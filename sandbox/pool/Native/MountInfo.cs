using System.Text;

namespace ToolRuntime.Sandbox.Native;

/// <summary>Reads <c>/proc/self/mountinfo</c> (proc(5)).</summary>
public static class MountInfo
{
    private const int MountPointField = 4;

    /// <summary>The mount points at or below <paramref name="folder"/>, the last mounted first: the order in which they can be unmounted.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="folder">Absolute path without a slash at its end.</param>
    public static IReadOnlyList<string> Below(string text, string folder)
    {
        var found = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            var fields = line.Split(' ');
            if (fields.Length <= MountPointField)
            {
                continue;
            }

            var point = Unescape(fields[MountPointField]);
            if (string.Equals(point, folder, StringComparison.Ordinal) || point.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                found.Add(point);
            }
        }

        found.Reverse();
        return found;
    }

    /// <summary>Every mount point with the type of its file system and the options of that, in the order of mounting.</summary>
    public static IEnumerable<(string Point, string Type, string Options)> Points(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var halves = line.Split(" - ", 2);
            var fields = halves[0].Split(' ');
            if (halves.Length == 2 && fields.Length > MountPointField)
            {
                var rest = halves[1].Split(' ');
                yield return (Unescape(fields[MountPointField]), rest[0], rest[^1]);
            }
        }
    }

    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        var bytes = new List<byte>(field.Length);
        var raw = Encoding.UTF8.GetBytes(field);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 3 < raw.Length && IsOctal(raw.AsSpan(i + 1, 3)))
            {
                bytes.Add((byte)(((raw[i + 1] - '0') << 6) | ((raw[i + 2] - '0') << 3) | (raw[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(raw[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool IsOctal(ReadOnlySpan<byte> digits) =>
        digits.IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0;
}
