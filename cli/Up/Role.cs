namespace ToolRuntime.Cli.Up;

/// <summary>Which parts a process runs.</summary>
internal enum Role
{
    All,
    Gateway,
    Runtime,
}
