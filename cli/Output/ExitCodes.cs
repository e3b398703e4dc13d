namespace ToolRuntime.Cli.Output;

/// <summary>What the process's exit code says.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int ToolError = 1;
    public const int Usage = 2;
    public const int MachineLacks = 3;
    public const int Internal = 4;
    public const int NotReached = 5;
    public const int Refused = 6;
}
