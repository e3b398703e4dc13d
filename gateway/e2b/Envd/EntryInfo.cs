using System.Globalization;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Envd;

/// <summary>Files and what happens to them as envd writes it: <c>EntryInfo</c> and <c>FilesystemEvent</c> in the JSON of protobuf.</summary>
internal static class EntryInfo
{
    /// <summary>Writes a file. A link is described by what it leads to.</summary>
    public static void Write(Utf8JsonWriter writer, AgentFile file)
    {
        var isLink = file.Type == "link";
        var (type, mode) = isLink && file.TargetType is { } target ? (target, file.TargetMode ?? file.Mode) : (file.Type, file.Mode);
        writer.WriteStartObject();
        writer.WriteString("name"u8, NameOf(file.Path));
        writer.WriteString("type"u8, TypeOf(type));
        writer.WriteString("path"u8, file.Path);
        writer.WriteString("size"u8, file.Size.ToString(CultureInfo.InvariantCulture));
        writer.WriteNumber("mode"u8, mode & 0b111_111_111);
        writer.WriteString("permissions"u8, Permissions(isLink ? 'L' : type == "folder" ? 'd' : '-', mode));
        writer.WriteString("owner"u8, file.Owner);
        writer.WriteString("group"u8, file.Group);
        writer.WriteString("modifiedTime"u8, DateTimeOffset.UnixEpoch.AddTicks(file.ModifiedNs / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        if (isLink && file.Target is { } leads)
        {
            writer.WriteString("symlinkTarget"u8, leads);
        }

        if (file.Attributes is { Count: > 0 } attributes)
        {
            writer.WriteStartObject("metadata"u8);
            foreach (var (key, value) in attributes)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes what happened.</summary>
    public static void Write(Utf8JsonWriter writer, AgentFileEvent happened)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, happened.Name);
        writer.WriteString("type"u8, happened.Type switch
        {
            AgentFileEventType.Create => "EVENT_TYPE_CREATE",
            AgentFileEventType.Write => "EVENT_TYPE_WRITE",
            AgentFileEventType.Remove => "EVENT_TYPE_REMOVE",
            AgentFileEventType.Rename => "EVENT_TYPE_RENAME",
            _ => "EVENT_TYPE_CHMOD",
        });
        if (happened.Entry is { } entry && happened.Type is not (AgentFileEventType.Remove or AgentFileEventType.Rename))
        {
            writer.WritePropertyName("entry"u8);
            Write(writer, entry);
        }

        writer.WriteEndObject();
    }

    /// <summary>The last part of a path.</summary>
    public static string NameOf(string path) => path == "/" ? "/" : path[(path.LastIndexOf('/') + 1)..];

    private static string TypeOf(string type) => type switch
    {
        "file" => "FILE_TYPE_FILE",
        "folder" => "FILE_TYPE_DIRECTORY",
        "link" => "FILE_TYPE_SYMLINK",
        _ => "FILE_TYPE_UNSPECIFIED",
    };

    private static string Permissions(char type, int mode) => string.Create(10, (type, mode), static (span, of) =>
    {
        const string Letters = "rwxrwxrwx";
        span[0] = of.type;
        for (var bit = 0; bit < Letters.Length; bit++)
        {
            span[bit + 1] = (of.mode & (1 << (Letters.Length - 1 - bit))) != 0 ? Letters[bit] : '-';
        }
    });
}
