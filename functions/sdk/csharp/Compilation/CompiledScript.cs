namespace ToolRuntime.Sdk.Compilation;

/// <summary>What the compiler made of a script.</summary>
/// <param name="Assembly">A class library with the class <c>Script</c>.</param>
/// <param name="Symbols">Its portable symbols, for line numbers in stack traces.</param>
/// <param name="Documentation">What the source says of its members.</param>
/// <param name="References">Folders below the package's root that hold assemblies which <c>#r</c> names, relative.</param>
internal sealed record CompiledScript(byte[] Assembly, byte[] Symbols, ScriptDocumentation Documentation, IReadOnlyList<string> References);
