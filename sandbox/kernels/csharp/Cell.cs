namespace ToolRuntime.Kernels.CSharp;

/// <summary>What cells know beside .NET: its static members are in scope.</summary>
public static class Cell
{
    /// <summary>Where cells show things.</summary>
    internal static CellOutput? Output { get; set; }

    /// <summary>Shows a value before the cell ends.</summary>
    public static void Display(object? value)
    {
        if (Output is { } output && value is not null)
        {
            Values.Show(output, value, isMain: false, isShown: true);
        }
    }

    /// <summary>Shows HTML.</summary>
    public static void DisplayHtml(string html) => Output?.Event("result", json =>
    {
        json.WriteBoolean("is_main_result"u8, false);
        json.WriteString("html"u8, html);
    });

    /// <summary>Shows Markdown.</summary>
    public static void DisplayMarkdown(string markdown) => Output?.Event("result", json =>
    {
        json.WriteBoolean("is_main_result"u8, false);
        json.WriteString("markdown"u8, markdown);
    });
}
