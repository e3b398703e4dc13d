namespace ToolRuntime.E2b.Interpreter;

/// <summary>A language that code can be run in, and how its kernel is started.</summary>
/// <param name="Name">Its name, as contexts show it.</param>
/// <param name="Aliases">What else it is called.</param>
/// <param name="Command">Program and arguments of its kernel.</param>
/// <param name="Image">An image that has it.</param>
public sealed record KernelLanguage(string Name, IReadOnlyList<string> Aliases, IReadOnlyList<string> Command, string Image = KernelLanguage.UsualImage)
{
    /// <summary>The image of code sandboxes where none is named.</summary>
    public const string UsualImage = "code-interpreter";

    /// <summary>All.</summary>
    public static IReadOnlyList<KernelLanguage> All { get; } =
    [
        new("python", ["py", "python3"], ["python3", "-S", "-u", "-B", "/toolrt/kernels/python/kernel.py"]),

        // An interrupt may end what Node itself keeps account of, such as the callback of a timer; Node would end with it.
        new("javascript", ["js", "node"], ["node", "--no-force-async-hooks-checks", "/toolrt/kernels/node/kernel.mjs"]),
        new("typescript", ["ts"], ["node", "--no-force-async-hooks-checks", "/toolrt/kernels/node/kernel.mjs", "--typescript"]),
        new("bash", ["sh", "shell"], ["python3", "-S", "-u", "-B", "/toolrt/kernels/bash/kernel.py"]),

        // .NET gathers as much garbage as the processor's cache is large, which is 260 MiB on some; 32 MiB (hexadecimal) are enough for a cell.
        new("csharp", ["cs", "c#"], ["/usr/bin/env", "DOTNET_GCgen0size=2000000", "/usr/share/dotnet/dotnet", "/toolrt/kernels/csharp/ToolRuntime.Kernels.CSharp.dll"]),
        new("java", [], ["python3", "-S", "-u", "-B", "/toolrt/kernels/java/kernel.py"], "java"),
        new("r", [], ["python3", "-S", "-u", "-B", "/toolrt/kernels/r/kernel.py"], "r"),
    ];

    /// <summary>The one of a name, or null.</summary>
    public static KernelLanguage? Find(string name) =>
        All.FirstOrDefault(l => l.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || l.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase));
}
