using Microsoft.CodeAnalysis.CSharp.Scripting.Hosting;
using Microsoft.CodeAnalysis.Scripting.Hosting;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>Values as result events.</summary>
internal static class Values
{
    private const int LongestText = 1 << 20;
    private static readonly PrintOptions s_print = new() { MaximumOutputLength = LongestText, MemberDisplayFormat = MemberDisplayFormat.SingleLine };

    /// <summary>Shows a value; <paramref name="isShown"/> false only makes ready what showing needs.</summary>
    public static void Show(CellOutput output, object value, bool isMain, bool isShown)
    {
        var text = TextOf(value);
        if (isShown)
        {
            output.Event("result", json =>
            {
                json.WriteBoolean("is_main_result"u8, isMain);
                json.WriteString("text"u8, text);
            });
        }
    }

    // A type that says itself what it looks like is asked; else the form that C#'s own interactive prompt gives.
    private static string TextOf(object value) => value switch
    {
        string text => text,
        IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        not (bool or System.Collections.IEnumerable) when HasOwnText(value.GetType()) => value.ToString() ?? "",
        _ => CSharpObjectFormatter.Instance.FormatObject(value, s_print),
    };

    private static bool HasOwnText(Type type) =>
        type.GetMethod(nameof(ToString), Type.EmptyTypes) is { } method && method.DeclaringType != typeof(object) && method.DeclaringType != typeof(ValueType);
}
