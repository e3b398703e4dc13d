using System.Collections;
using System.Data;
using System.Globalization;
using System.Reflection;

using Microsoft.CodeAnalysis.CSharp.Scripting.Hosting;
using Microsoft.CodeAnalysis.Scripting.Hosting;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>Values as result events.</summary>
internal static class Values
{
    private const int LongestText = 1 << 20;
    private const int MostElements = 1000;
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
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        DataTable table => Rows(table),
        IEnumerable elements when IsNameless(value.GetType()) => Elements(elements),
        not (bool or IEnumerable) when HasOwnText(value.GetType()) => value.ToString() ?? "",
        ValueType and not (bool or IEnumerable) => Members(value),
        _ => Formatted(value),
    };

    private static string Formatted(object? value) => CSharpObjectFormatter.Instance.FormatObject(value, s_print);

    // What queries and iterators give has names that say nothing, and need not end.
    private static string Elements(IEnumerable elements)
    {
        var first = elements.Cast<object?>().Take(MostElements + 1).ToList();
        var text = Formatted(first[..Math.Min(first.Count, MostElements)]);
        text = text[text.IndexOf('{', StringComparison.Ordinal)..];
        return first.Count > MostElements ? $"{text.TrimEnd('}', ' ')}, ... }}" : text;
    }

    private static string Rows(DataTable table)
    {
        var names = table.Columns.Cast<DataColumn>().Select(column => column.ColumnName);
        var rows = table.Rows.Cast<DataRow>().Select(row => row.ItemArray.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture)));
        return string.Join('\n', rows.Prepend(names).Select(row => string.Join('\t', row)));
    }

    private static string Members(object value)
    {
        var type = value.GetType();
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public;
        var members = type.GetFields(Own).Select(field => (field.Name, Value: field.GetValue(value)))
            .Concat(type.GetProperties(Own).Where(property => property.GetIndexParameters().Length == 0).Select(property => (property.Name, Value: property.GetValue(value))));
        return $"{type.Name} {{ {string.Join(", ", members.Select(member => $"{member.Name} = {Formatted(member.Value)}"))} }}";
    }

    // The compiler's own names begin so.
    private static bool IsNameless(Type type) => !type.IsVisible || type.Name.StartsWith('<');

    private static bool HasOwnText(Type type) =>
        type.GetMethod(nameof(ToString), Type.EmptyTypes) is { } method && method.DeclaringType != typeof(object) && method.DeclaringType != typeof(ValueType);
}
