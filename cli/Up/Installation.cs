using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Up;

/// <summary>Where the files stand that the program needs beside itself; the launcher says.</summary>
internal static class Installation
{
    public static string Root => Environment.GetEnvironmentVariable("TOOLRT_ROOT") is { Length: > 0 } root
        ? root
        : throw new CommandFailedException(ExitCodes.MachineLacks, "this program must be started by the launcher ./toolrt", "it sets TOOLRT_ROOT, and builds what is missing");

    public static string Cache => Environment.GetEnvironmentVariable("TOOLRT_CACHE") is { Length: > 0 } cache ? cache : "/var/cache/toolrt";

    public static string Agent => Environment.GetEnvironmentVariable("TOOLRT_AGENT") is { Length: > 0 } agent
        ? agent
        : throw new CommandFailedException(ExitCodes.MachineLacks, "the in-sandbox agent is not built", "start with the launcher ./toolrt up");

    public static string Sdk => Environment.GetEnvironmentVariable("TOOLRT_SDK") is { Length: > 0 } sdk ? sdk : File("functions/sdk");

    /// <summary>The published C# worker, or null where it was not built.</summary>
    public static string? CSharpWorker => Environment.GetEnvironmentVariable("TOOLRT_CSHARP") is { Length: > 0 } folder ? folder : null;

    public static string Kernels => File("sandbox/kernels");

    /// <summary>The published C# kernel, or null where it was not built.</summary>
    public static string? CSharpKernel => Environment.GetEnvironmentVariable("TOOLRT_CSHARP_KERNEL") is { Length: > 0 } folder ? folder : null;

    public static string File(string name) => Path.Combine(Root, name);
}
