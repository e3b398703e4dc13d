using System.Text;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace ToolRuntime.Sdk.Compilation;

/// <summary>Reads scripts.</summary>
internal static class ScriptSource
{
    /// <summary>How scripts are parsed.</summary>
    public static CSharpParseOptions Options { get; } = new(LanguageVersion.Latest, DocumentationMode.Parse, SourceCodeKind.Script);

    /// <summary>The text of a file, with the encoding that symbols need.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SourceText Read(string path)
    {
        using var file = File.OpenRead(path);
        return SourceText.From(file, Encoding.UTF8);
    }
}
