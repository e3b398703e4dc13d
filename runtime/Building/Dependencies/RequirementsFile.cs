using System.Text.RegularExpressions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>
/// A <c>requirements.txt</c> of which only names, versions, extras, markers and hashes are taken. Options, files, links and
/// repositories are refused by name: they would let a package choose what the host reads and from where.
/// </summary>
internal static partial class RequirementsFile
{
    /// <summary>The requirements, one per line of the result.</summary>
    /// <exception cref="Functions.FunctionFaultException">DeployRefused, with every line that is refused.</exception>
    public static IReadOnlyList<string> Parse(string text)
    {
        List<string> taken = [];
        List<string> errors = [];
        foreach (var (line, number) in Lines(text))
        {
            if (WhyNot(line) is { } reason)
            {
                errors.Add($"line {number}: {line}: {reason}");
            }
            else
            {
                taken.Add(line);
            }
        }

        return errors.Count > 0
            ? throw BuildFailure.Refused("requirements.txt", errors, "name packages of the index only, such as: requests>=2.31,<3")
            : taken;
    }

    /// <summary>Logical lines without comments, with the number of the first physical one.</summary>
    private static IEnumerable<(string Line, int Number)> Lines(string text)
    {
        var pending = "";
        var first = 1;
        var number = 0;
        foreach (var physical in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            first = pending.Length == 0 ? number : first;
            var line = Comment().Replace(physical, "");
            if (line.EndsWith('\\'))
            {
                pending += line[..^1];
                continue;
            }

            pending = (pending + line).Trim();
            if (pending.Length > 0)
            {
                yield return (pending, first);
            }

            pending = "";
        }

        if (pending.Trim().Length > 0)
        {
            yield return (pending.Trim(), first);
        }
    }

    private static string? WhyNot(string line) => line switch
    {
        _ when line.StartsWith("-r", StringComparison.Ordinal) || line.StartsWith("--requirement", StringComparison.Ordinal) => "other requirement files are not read; put the lines here",
        _ when line.StartsWith("-e", StringComparison.Ordinal) || line.StartsWith("--editable", StringComparison.Ordinal) => "editable installs are not possible; put the code into the package",
        _ when line.StartsWith('-') => "options are not taken; the index is the runtime's configuration",
        _ when line.Contains("git+", StringComparison.OrdinalIgnoreCase) => "repositories are not fetched; use a released version",
        _ when line.Contains("file:", StringComparison.OrdinalIgnoreCase) => "files of the host are not read",
        _ when line.Contains("://", StringComparison.Ordinal) || Direct().IsMatch(line) => "links are not fetched; use a released version",
        _ when line.StartsWith('.') || line.StartsWith('/') || line.EndsWith(".whl", StringComparison.Ordinal) || line.EndsWith(".tar.gz", StringComparison.Ordinal) => "files are not installed; use a released version",
        _ when !Requirement().IsMatch(line) => "not a requirement",
        _ => null,
    };

    [GeneratedRegex(@"(^|\s)#.*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*@", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Direct();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\s*(\[[A-Za-z0-9._, -]*\])?\s*\(?\s*((===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*,?\s*)*\)?\s*(;[^;]*?)?(\s+--hash=[a-z0-9]+:[0-9a-f]+)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Requirement();
}
