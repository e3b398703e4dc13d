using System.Text.Json;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Scripting;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>Errors of a cell: the user's frames and lines, nothing of the kernel.</summary>
internal static class CellErrors
{
    private const int LongestTrace = 64 << 10;

    private static readonly string[] s_ownFrames =
    [
        "   at ToolRuntime.Kernels.", "   at Microsoft.CodeAnalysis.Scripting.", "--- End of stack trace",
        "   at System.Runtime.CompilerServices.", "   at System.Runtime.ExceptionServices.",

        // What calls a Main.
        "   at InvokeStub_", "   at System.Reflection.MethodBaseInvoker.", "   at System.RuntimeMethodHandle.",
    ];

    /// <summary>Writes the members of an error event.</summary>
    public static void Write(Utf8JsonWriter json, Exception error, bool isInterrupted)
    {
        if (isInterrupted && IsInterrupt(error))
        {
            Write(json, "KeyboardInterrupt", "", "KeyboardInterrupt");
        }
        else if (error is CompilationErrorException compilation)
        {
            var errors = compilation.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()).ToList();
            Write(json, "CompilationErrorException", errors.FirstOrDefault() ?? compilation.Message, string.Join('\n', errors));
        }
        else
        {
            var thrown = error is CellException { InnerException: { } inner } ? inner : error;
            Write(json, thrown.GetType().Name, Said(() => thrown.Message), Text(thrown));
        }
    }

    /// <summary>Type, message and the user's frames.</summary>
    public static string Text(Exception thrown)
    {
        var kept = Said(thrown.ToString).Split('\n').Where(line => !s_ownFrames.Any(own => line.StartsWith(own, StringComparison.Ordinal)));
        var text = string.Join('\n', kept).TrimEnd();
        return text.Length <= LongestTrace ? text : text[..LongestTrace];
    }

    // Tasks, reflection and others wrap what was thrown in them.
    private static bool IsInterrupt(Exception? error) => error switch
    {
        null => false,
        OperationCanceledException or ThreadInterruptedException => true,
        AggregateException several => several.InnerExceptions.Any(IsInterrupt),
        _ => IsInterrupt(error.InnerException),
    };

    private static void Write(Utf8JsonWriter json, string name, string value, string traceback)
    {
        json.WriteString("name"u8, name);
        json.WriteString("value"u8, value);
        json.WriteString("traceback"u8, traceback);
    }

    // An exception type of the user's may fail in its own message.
    private static string Said(Func<string> say)
    {
        try
        {
            return say();
        }
        catch (Exception)
        {
            return "(its message cannot be read)";
        }
    }
}
