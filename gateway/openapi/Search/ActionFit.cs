namespace ToolRuntime.OpenApi.Search;

/// <summary>How well what a tool does suits what is asked to be done.</summary>
internal static class ActionFit
{
    // Rows: what is asked; columns: what the tool does; both in the order of ToolAction (other, read, create, update, delete).
    private static readonly float[][] s_fits =
    [
        [1, -1, 0.7f, 0.6f, 0.1f],
        [-0.8f, 1, -1, -1, -1],
        [0.5f, -1, 1, 0.3f, -1],
        [0.5f, -1, 0.1f, 1, -0.8f],
        [0.6f, -1, -1, -0.4f, 1],
    ];

    /// <summary>From -1 (the opposite) to 1 (exactly that).</summary>
    public static float Of(ToolAction asked, ToolAction does) => s_fits[(int)asked][(int)does];
}
