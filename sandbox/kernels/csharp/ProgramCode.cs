using System.Text;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>
/// What programs have and scripts have not, place for place where it was: namespaces and classes of extension methods are opened, what is declared with
/// <c>using</c> is disposed of when the cell ends, and the Main of a cell that is nothing but types is called.
/// </summary>
internal sealed class ProgramCode
{
    private const string Own = "global::ToolRuntime.Kernels.CSharp";
    private static readonly string[] s_signs = ["namespace", Entry.Name, "using", "this "];
    private static readonly CSharpParseOptions s_script = CSharpParseOptions.Default.WithKind(SourceCodeKind.Script);
    private readonly string _code;
    private readonly CompilationUnitSyntax _root;
    private readonly List<BaseNamespaceDeclarationSyntax> _spaces;
    private readonly List<MemberDeclarationSyntax> _members;

    private ProgramCode(string code)
    {
        _code = code;
        _root = CSharpSyntaxTree.ParseText(code, s_script).GetCompilationUnitRoot();
        _spaces = [.. _root.DescendantNodes(static node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax).OfType<BaseNamespaceDeclarationSyntax>()];
        _members = [.. _root.Members.Concat(_spaces.SelectMany(space => space.Members)).Where(member => member is not BaseNamespaceDeclarationSyntax)];
    }

    /// <summary>The code as a script.</summary>
    public static string Of(string code) => s_signs.Any(sign => code.Contains(sign, StringComparison.Ordinal)) ? new ProgramCode(code).Script() : code;

    private string Script()
    {
        var used = CSharpSyntaxTree.ParseText(_code).GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>()
            .Select(member => member.Statement).OfType<LocalDeclarationStatementSyntax>().Where(declared => declared.UsingKeyword.RawKind != 0).ToList();
        var text = new StringBuilder(_code);
        foreach (var part in _spaces.SelectMany(Rims).Concat(_members.OfType<ClassDeclarationSyntax>().Where(IsOpened).SelectMany(Rims)).Concat(UsesOfSpaces()).Concat(used.Select(Keywords)))
        {
            Blank(text, part);
        }

        foreach (var declared in used.AsEnumerable().Reverse())
        {
            text.Insert(declared.Span.End, string.Concat(declared.Declaration.Variables.Select(one => $" {Own}.Uses.Add({one.Identifier.Text});")));
        }

        return EntryOf() is { } entry ? $"{text}\nawait {Own}.Entry.RunAsync(typeof({entry}));" : text.ToString();
    }

    private static IEnumerable<TextSpan> Rims(MemberDeclarationSyntax member) => member switch
    {
        NamespaceDeclarationSyntax block => [TextSpan.FromBounds(block.SpanStart, block.OpenBraceToken.Span.End), TextSpan.FromBounds(block.CloseBraceToken.SpanStart, block.Span.End)],
        FileScopedNamespaceDeclarationSyntax file => [TextSpan.FromBounds(file.SpanStart, file.SemicolonToken.Span.End)],
        ClassDeclarationSyntax type => [TextSpan.FromBounds(type.SpanStart, type.OpenBraceToken.Span.End), TextSpan.FromBounds(type.CloseBraceToken.SpanStart, type.Span.End)],
        _ => [],
    };

    // A class within a script's own may have no extension methods; the script may. Whoever names the class needs it.
    private bool IsOpened(ClassDeclarationSyntax type) =>
        type.Modifiers.Any(SyntaxKind.StaticKeyword) && type.Arity == 0 && !type.Members.Any(member => member is ConstructorDeclarationSyntax)
        && type.Members.OfType<MethodDeclarationSyntax>().Any(method => method.ParameterList.Parameters.FirstOrDefault()?.Modifiers.Any(SyntaxKind.ThisKeyword) == true)
        && _root.DescendantTokens().Count(token => token.IsKind(SyntaxKind.IdentifierToken) && token.Text == type.Identifier.Text) == 1;

    // Of a namespace that is no more nothing can be imported.
    private IEnumerable<TextSpan> UsesOfSpaces()
    {
        var names = _spaces.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        return _root.DescendantNodes().OfType<UsingDirectiveSyntax>()
            .Where(use => use.StaticKeyword.RawKind == 0 && use.NamespaceOrType is { } name && names.Contains(name.ToString()))
            .Select(use => use.Span);
    }

    private static string NameOf(BaseNamespaceDeclarationSyntax space) =>
        string.Join('.', space.AncestorsAndSelf().OfType<BaseNamespaceDeclarationSyntax>().Reverse().Select(each => each.Name.ToString()));

    private static TextSpan Keywords(LocalDeclarationStatementSyntax declared) => TextSpan.FromBounds(declared.SpanStart, declared.UsingKeyword.Span.End);

    // Where the cell has statements of its own, it says itself what is to be called.
    private string? EntryOf() => _members.All(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
        ? _members.OfType<TypeDeclarationSyntax>().FirstOrDefault(type => type.Arity == 0 && type.Members.OfType<MethodDeclarationSyntax>().Any(IsMain))?.Identifier.Text
        : null;

    private static bool IsMain(MethodDeclarationSyntax method) =>
        method.Identifier.Text == Entry.Name && method.Modifiers.Any(SyntaxKind.StaticKeyword) && method.Arity == 0 && method.ParameterList.Parameters.Count <= 1;

    private static void Blank(StringBuilder text, TextSpan part)
    {
        for (var at = part.Start; at < part.End; at++)
        {
            text[at] = text[at] is '\n' or '\r' ? text[at] : ' ';
        }
    }
}
