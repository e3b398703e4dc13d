using System.Text;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>A cell's code with a check in each round of a loop and at the start of each function, line for line as it was.</summary>
internal sealed class CheckedCode : CSharpSyntaxWalker
{
    private const string Check = "global::ToolRuntime.Kernels.CSharp.Interrupts.Check();";
    private readonly List<Edit> _edits = [];
    private readonly Lazy<SemanticModel> _meaning;

    private CheckedCode(Lazy<SemanticModel> meaning) => _meaning = meaning;

    /// <summary><paramref name="script"/>'s code with checks, or null where it needs none.</summary>
    /// <exception cref="InsufficientExecutionStackException">It is nested too deeply.</exception>
    public static string? Of(Script script)
    {
        var compilation = script.GetCompilation();
        var tree = compilation.SyntaxTrees.First(each => each.FilePath == script.Options.FilePath);
        var code = new CheckedCode(new Lazy<SemanticModel>(() => compilation.GetSemanticModel(tree)));
        code.Visit(tree.GetRoot());
        return code._edits.Count == 0 ? null : code.Apply(tree.ToString());
    }

    /// <inheritdoc/>
    public override void Visit(SyntaxNode? node)
    {
        var close = node switch
        {
            ForStatementSyntax loop => Round(loop.Statement),
            CommonForEachStatementSyntax loop => Round(loop.Statement),
            WhileStatementSyntax loop => Round(loop.Statement),
            DoStatementSyntax loop => Round(loop.Statement),
            GotoStatementSyntax jump => Round(jump),
            MethodDeclarationSyntax method => Function(method.Body, method.ExpressionBody, method.ReturnType, method.Modifiers),
            LocalFunctionStatementSyntax method => Function(method.Body, method.ExpressionBody, method.ReturnType, method.Modifiers),
            AnonymousFunctionExpressionSyntax { Block: { } block } => Begin(block),
            LambdaExpressionSyntax { ExpressionBody: { } value } lambda => Lambda(lambda, value),
            _ => null,
        };
        base.Visit(node);

        // Not before: what stands inside is closed first.
        if (close is not null)
        {
            _edits.Add(close);
        }
    }

    private Edit? Round(StatementSyntax body)
    {
        if (body is BlockSyntax block)
        {
            return Begin(block);
        }

        _edits.Add(new Edit(body.SpanStart, 0, $"{{{Check}"));
        return new Edit(body.Span.End, 0, "}");
    }

    private Edit? Begin(BlockSyntax block)
    {
        _edits.Add(new Edit(block.OpenBraceToken.Span.End, 0, Check));
        return null;
    }

    private Edit? Function(BlockSyntax? body, ArrowExpressionClauseSyntax? arrow, TypeSyntax type, SyntaxTokenList modifiers)
    {
        if (body is not null)
        {
            return Begin(body);
        }

        if (arrow is null or { Expression: ThrowExpressionSyntax })
        {
            return null;
        }

        var isVoid = type is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword }
            || (modifiers.Any(SyntaxKind.AsyncKeyword) && type.DescendantNodesAndSelf().All(part => part is not GenericNameSyntax));
        _edits.Add(new Edit(arrow.SpanStart, arrow.ArrowToken.Span.Length, Start(isVoid)));
        return new Edit(arrow.Parent!.Span.End, 0, "}");
    }

    // Of an expression tree, and of what does not compile, nothing is known: it stays as it is.
    private Edit? Lambda(LambdaExpressionSyntax lambda, ExpressionSyntax value)
    {
        if (value is ThrowExpressionSyntax || _meaning.Value.GetTypeInfo(lambda).ConvertedType is not INamedTypeSymbol { DelegateInvokeMethod: { } invoke })
        {
            return null;
        }

        var isVoid = invoke.ReturnsVoid || (lambda.AsyncKeyword.RawKind != 0 && invoke.ReturnType is INamedTypeSymbol { IsGenericType: false });
        _edits.Add(new Edit(value.SpanStart, 0, Start(isVoid)));
        return new Edit(value.Span.End, 0, ";}");
    }

    private static string Start(bool isVoid) => isVoid ? $"{{{Check}" : $"{{{Check}return ";

    // At one place what came first comes first: the walk opens from the outside and closes from the inside.
    private string Apply(string code)
    {
        var result = new StringBuilder(code.Length + (_edits.Count * 2 * Check.Length));
        var done = 0;
        foreach (var edit in _edits.OrderBy(edit => edit.Position))
        {
            result.Append(code, done, edit.Position - done).Append(edit.Text);
            done = edit.Position + edit.Removed;
        }

        return result.Append(code, done, code.Length - done).ToString();
    }

    private sealed record Edit(int Position, int Removed, string Text);
}
