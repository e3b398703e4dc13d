namespace ToolRuntime.Sandbox.Protocol;

/// <summary>A file or folder in the sandbox.</summary>
/// <param name="Name">Its name in its folder; its path below the listed folder where the list is recursive.</param>
/// <param name="Type"><c>file</c>, <c>folder</c>, <c>link</c> or <c>other</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="ModifiedMs">Milliseconds since 1970.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Target">Where a link points, or null.</param>
public sealed record AgentFile(string Name, string Type, long Size, int Mode, long ModifiedMs, int Uid, int Gid, string? Target = null);
