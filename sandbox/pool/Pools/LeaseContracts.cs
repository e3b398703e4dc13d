using ToolRuntime.Functions;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>A kind of warm generic sandbox: an image and the resident worker that stands ready in it.</summary>
/// <param name="Image">The image recipe's name.</param>
/// <param name="Language">The resident worker's language.</param>
public readonly record struct PoolKind(string Image, FunctionLanguage Language);
