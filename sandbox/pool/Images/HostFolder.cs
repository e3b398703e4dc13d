namespace ToolRuntime.Sandbox.Images;

/// <summary>A folder of the host that every sandbox of an image sees, read-only.</summary>
public enum HostFolder
{
    /// <summary>The .NET installation that this process runs on.</summary>
    Dotnet,
}
