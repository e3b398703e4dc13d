using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>A tool as a method of a client.</summary>
/// <param name="Tool">The tool that a call of the method calls.</param>
/// <param name="Group">The object that it is a method of: words with underscores between.</param>
/// <param name="Name">Its name there, likewise; differs from that of every other method of the group in more than case and underscores.</param>
public sealed record ClientMethod(ApiTool Tool, string Group, string Name);
