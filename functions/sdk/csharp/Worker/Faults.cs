using System.Reflection;
using System.Text.RegularExpressions;

namespace ToolRuntime.Sdk.Worker;

/// <summary>What failures look like in ERROR and LOAD_FAILED.</summary>
internal static partial class Faults
{
    /// <summary>Longest message, characters.</summary>
    public const int MaximumMessage = 4 << 10;

    /// <summary>Longest detail, characters.</summary>
    public const int MaximumDetail = 16 << 10;

    private static readonly string[] s_ownFrames =
    [
        "   at ToolRuntime.Sdk.", "   at System.Reflection.", "   at InvokeStub_", "   at System.RuntimeMethodHandle.",
        "   at System.Runtime.CompilerServices.", "   at System.Threading.ThreadPool", "   at dynamicClass.", "--- End of stack trace",
    ];

    /// <summary><c>TypeName: text</c>; the text alone must not fail.</summary>
    public static string Describe(Exception error)
    {
        string text;
        try
        {
            text = Unwrap(error).Message;
        }
        catch (Exception)
        {
            // An exception type of the user's may fail in its own message.
            text = "(its message cannot be read)";
        }

        var name = Unwrap(error).GetType().Name;
        return Cut(text.Length == 0 ? name : $"{name}: {text}", MaximumMessage);
    }

    /// <summary>The exception without what reflection put around it.</summary>
    public static Exception Unwrap(Exception error) =>
        error is TargetInvocationException or TypeInitializationException && error.InnerException is { } inner ? Unwrap(inner) : error;

    /// <summary>The innermost line of the entry file, and the stack trace without the worker's own frames.</summary>
    public static (int? Line, string Detail) Trace(Exception error, string root, string entry)
    {
        string whole;
        try
        {
            whole = Unwrap(error).ToString();
        }
        catch (Exception)
        {
            // As in Describe.
            return (null, "");
        }

        var kept = whole.Split('\n').Where(line => !s_ownFrames.Any(own => line.StartsWith(own, StringComparison.Ordinal)));
        var detail = string.Join('\n', kept).Replace($" in {root.TrimEnd('/')}/", " in ", StringComparison.Ordinal).Replace("at Script.", "at ", StringComparison.Ordinal);
        var line = Frame().Matches(detail).FirstOrDefault(m => m.Groups["file"].Value == entry) is { } place
            ? int.Parse(place.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture)
            : (int?)null;
        return (line, Cut(detail.TrimEnd(), MaximumDetail));
    }

    /// <summary>The first <paramref name="length"/> characters.</summary>
    public static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    [GeneratedRegex(@" in (?<file>[^\n]+?):line (?<line>\d{1,9})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Frame();
}
