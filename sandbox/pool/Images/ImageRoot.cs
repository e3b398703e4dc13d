namespace ToolRuntime.Sandbox.Images;

/// <summary>How an image's root file system stands to what runs in it.</summary>
public enum ImageRoot
{
    /// <summary>Read-only, with tmpfs of a fixed size on /tmp, /run and the home folder: for functions.</summary>
    ReadOnly,

    /// <summary>Writable in memory, gone with the sandbox: for code sandboxes.</summary>
    Writable,
}
