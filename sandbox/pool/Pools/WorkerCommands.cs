using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Docker;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>How the resident worker of each language is started.</summary>
internal static class WorkerCommands
{
    /// <summary>The worker's id in its sandbox.</summary>
    public const string WorkerId = "worker";

    private const string ContextPrefix = "ctx.";

    // What an image does not have costs a look for it.
    private const string Preloaded = "numpy,pandas,matplotlib";
    private const int LeastAddressMiB = 256;
    private const int LeastHeapMiB = 16;

    /// <summary>The worker of <paramref name="shape"/>, or null for a kind that has none.</summary>
    public static ProcessSpec? For(BootShape shape) => shape.Kind.Language switch
    {
        // Nobody knows what is in such an image.
        _ when shape.Kind.Image.StartsWith(DockerBackend.ImagePrefix, StringComparison.Ordinal) => null,
        FunctionLanguage.Python => Spec(shape, ["python3", "-S", "-u", "-B", "/toolrt/sdk/python/worker.py"]) with
        {
            Limits = LimitsOf(shape) with { AddressBytes = (long)Math.Max(shape.MemoryMiB, LeastAddressMiB) << 20 },
            // Each further arena of glibc reserves 64 MiB of that address space, and buys nothing where one thread runs at a time.
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["MALLOC_ARENA_MAX"] = "1" },
        },
        FunctionLanguage.JavaScript or FunctionLanguage.TypeScript =>
            Spec(shape, ["node", $"--max-old-space-size={HeapMiB(shape)}", "/toolrt/sdk/node/worker.mjs"]),
        FunctionLanguage.Shell => Spec(shape, ["/toolrt/agent", "worker", "shell"]),
        FunctionLanguage.CSharp => Spec(shape, ["/usr/share/dotnet/dotnet", "/toolrt/sdk/csharp/ToolRuntime.Sdk.CSharp.dll"]) with
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = $"0x{(long)HeapMiB(shape) << 20:x}" },
        },
        // No limit of the address space: in a code sandbox the sandbox itself is the wall.
        FunctionLanguage.Sandbox when shape.Kind.Image is "java" or "r" => Kernel(shape, shape.Kind.Image),
        FunctionLanguage.Sandbox => Kernel(shape, "python", "--preload", Preloaded),
        FunctionLanguage.Mcp or FunctionLanguage.Api => null,
        _ => throw new InvalidOperationException($"unknown language {shape.Kind.Language}"),
    };

    /// <summary>Whether a worker of this id is a kernel: that of the context which a code sandbox has from its start.</summary>
    public static bool IsKernel(string id) => id.StartsWith(ContextPrefix, StringComparison.Ordinal);

    private static ProcessSpec Kernel(BootShape shape, string language, params string[] options) =>
        Spec(shape, ["python3", "-S", "-u", $"/toolrt/kernels/{language}/kernel.py", .. options]) with { Id = $"{ContextPrefix}{language}.default" };

    // A quarter is left for what an interpreter keeps outside of its heap.
    private static int HeapMiB(BootShape shape) => Math.Max(shape.MemoryMiB * 3 / 4, LeastHeapMiB);

    private static ProcessLimits LimitsOf(BootShape shape) => new() { Processes = shape.Processes };

    private static ProcessSpec Spec(BootShape shape, IReadOnlyList<string> arguments) =>
        new() { Id = WorkerId, Arguments = arguments, Limits = LimitsOf(shape) };
}
