using System.Runtime.CompilerServices;
using System.Text;

using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace ToolRuntime.E2b.Envd;

/// <summary>The files of a <c>multipart/form-data</c> body, one after the other as they come.</summary>
internal static class MultipartFiles
{
    private const int MostHeaderBytes = 64 * 1024;

    /// <summary>What a backslash takes its meaning from.</summary>
    private const string Specials = "()<>@,;:\\\"/[]?=";

    /// <summary>The boundary of a multipart body, or null where the body is of another type.</summary>
    public static string? Boundary(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            ? HeaderUtilities.RemoveQuotes(type.Boundary).ToString()
            : null;

    /// <summary>Name and content of each file; a content must be read before the next is asked for. A part that is named <c>file</c> is one without a name of its own too: the name is then empty.</summary>
    /// <exception cref="InvalidDataException">It is no such body.</exception>
    public static async IAsyncEnumerable<(string Name, Stream Content)> ReadAsync(Stream body, string boundary, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new MultipartReader(boundary, body) { BodyLengthLimit = null, HeadersLengthLimit = MostHeaderBytes };
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (FileName(section.ContentDisposition) is { } name)
            {
                yield return (name, section.Body);
            }
            else if (IsFile(section.ContentDisposition))
            {
                yield return ("", section.Body);
            }
        }
    }

    /// <summary>Whether a part without a file's name is a file all the same: forms send a text so.</summary>
    internal static bool IsFile(string? disposition) => ContentDispositionHeaderValue.TryParse(disposition, out var value) && HeaderUtilities.RemoveQuotes(value.Name).Equals("file", StringComparison.Ordinal);

    /// <summary>The file's name as it was sent, folders and all. A quote is <c>%22</c>.</summary>
    internal static string? FileName(string? disposition)
    {
        const string Key = "filename=\"";
        var start = disposition?.IndexOf(Key, StringComparison.OrdinalIgnoreCase) ?? -1;
        if (start < 0)
        {
            return null;
        }

        var name = new StringBuilder();
        for (var at = start + Key.Length; at < disposition!.Length; at++)
        {
            if (disposition[at] == '"')
            {
                return name.Replace("%22", "\"").Replace("%0D", "\r").Replace("%0A", "\n").ToString();
            }

            // Python's httpx doubles a backslash, browsers do not: one that stands before no special character is itself.
            at += disposition[at] == '\\' && at + 1 < disposition.Length && Specials.Contains(disposition[at + 1], StringComparison.Ordinal) ? 1 : 0;
            name.Append(disposition[at]);
        }

        return null;
    }
}
