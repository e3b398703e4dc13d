namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>A place for one call in a sandbox.</summary>
internal readonly record struct SandboxSlot(FunctionPool Pool, FunctionSandbox Sandbox, long Since);
