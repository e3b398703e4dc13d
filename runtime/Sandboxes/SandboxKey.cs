using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>Which calls of one version of a function may share a sandbox.</summary>
/// <param name="Owner">Empty for all calls, else the session or the call that the sandbox belongs to.</param>
/// <param name="SingleUse">Whether the sandbox ends with the call.</param>
internal readonly record struct SandboxKey(string Owner, bool SingleUse)
{
    /// <summary>All calls share.</summary>
    public static SandboxKey Everyone { get; } = new("", SingleUse: false);

    /// <summary>The key of a call. A session that does not live beyond its call needs no sandbox beyond it either.</summary>
    public static SandboxKey Of(FunctionManifest manifest, Invocation invocation) => manifest.Isolation switch
    {
        Isolation.Function => Everyone,
        Isolation.Session => new SandboxKey(invocation.Session, !invocation.SessionIsExplicit),
        _ => new SandboxKey(invocation.Id, SingleUse: true),
    };
}
