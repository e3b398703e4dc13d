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
    private readonly List<(int Position, int Order, int Left, string Text)> _edits = [];
    private readonly Lazy<SemanticModel> _meaning;

    private CheckedCode(Lazy<SemanticModel> meaning) => _meaning = meaning;

    /// <summary><paramref name="script"/>'s code with checks, or null where it needs none.</summary>
    /// <exception cref="InsufficientExecutionStackException">It is nested too deeply.</exception>
    public static string? Of(Script script)
    {
        var compilation = script.GetCompilation();
        var tree = compilation.SyntaxTrees.First();
        var code = new CheckedCode(new Lazy<SemanticModel>(() => compilation.GetSemanticModel(tree)));
        code.Visit(tree.GetRoot());
        return code._edits.Count == 0 ? null : code.Apply(tree.ToString());
    }

    /// <inheritdoc/>
    public override void VisitForStatement(ForStatementSyntax node) => Loop(node, node.Statement, base.VisitForStatement);

    /// <inheritdoc/>
    public override void VisitForEachStatement(ForEachStatementSyntax node) => Loop(node, node.Statement, base.VisitForEachStatement);

    /// <inheritdoc/>
    public override void VisitForEachVariableStatement(ForEachVariableStatementSyntax node) => Loop(node, node.Statement, base.VisitForEachVariableStatement);

    /// <inheritdoc/>
    public override void VisitWhileStatement(WhileStatementSyntax node) => Loop(node, node.Statement, base.VisitWhileStatement);

    /// <inheritdoc/>
    public override void VisitDoStatement(DoStatementSyntax node) => Loop(node, node.Statement, base.VisitDoStatement);

    /// <inheritdoc/>
    public override void VisitGotoStatement(GotoStatementSyntax node) => Loop(node, node, base.VisitGotoStatement);

    /// <inheritdoc/>
    public override void VisitMethodDeclaration(MethodDeclarationSyntax node) =>
        Function(node, node.Body, node.ExpressionBody, IsVoid(node.ReturnType, node.Modifiers), base.VisitMethodDeclaration);

    /// <inheritdoc/>
    public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node) =>
        Function(node, node.Body, node.ExpressionBody, IsVoid(node.ReturnType, node.Modifiers), base.VisitLocalFunctionStatement);

    /// <inheritdoc/>
    public override void VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node) => Lambda(node, base.VisitSimpleLambdaExpression);

    /// <inheritdoc/>
    public override void VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node) => Lambda(node, base.VisitParenthesizedLambdaExpression);

    /// <inheritdoc/>
    public override void VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node) =>
        Function(node, node.Block, arrow: null, isVoid: false, base.VisitAnonymousMethodExpression);

    private void Loop<T>(T node, StatementSyntax body, Action<T> visit)
    {
        if (body is BlockSyntax block)
        {
            Insert(block.OpenBraceToken.Span.End, Check);
        }
        else
        {
            Insert(body.SpanStart, $"{{{Check}");
        }

        visit(node);
        if (body is not BlockSyntax)
        {
            Insert(body.Span.End, "}");
        }
    }

    private void Function<T>(T node, BlockSyntax? body, ArrowExpressionClauseSyntax? arrow, bool isVoid, Action<T> visit)
    {
        if (body is not null)
        {
            Insert(body.OpenBraceToken.Span.End, Check);
        }

        var turned = arrow?.Expression is ThrowExpressionSyntax ? null : arrow;
        if (turned is not null)
        {
            Replace(turned.ArrowToken, Start(isVoid));
        }

        visit(node);
        if (turned is not null)
        {
            Insert(turned.Parent!.Span.End, "}");
        }
    }

    private void Lambda<T>(T node, Action<T> visit)
        where T : LambdaExpressionSyntax
    {
        if (node.Block is { } block)
        {
            Function(node, block, arrow: null, isVoid: false, visit);
            return;
        }

        var isVoid = node.ExpressionBody is null or ThrowExpressionSyntax ? null : IsVoid(node);
        if (isVoid is { } known)
        {
            Insert(node.ExpressionBody!.SpanStart, Start(known));
        }

        visit(node);
        if (isVoid is not null)
        {
            Insert(node.ExpressionBody!.Span.End, ";}");
        }
    }

    // Of an expression tree, and of what does not compile, nothing is known: it stays as it is.
    private bool? IsVoid(LambdaExpressionSyntax lambda)
    {
        if (_meaning.Value.GetTypeInfo(lambda).ConvertedType is not INamedTypeSymbol { DelegateInvokeMethod: { } invoke })
        {
            return null;
        }

        return invoke.ReturnsVoid || (lambda.AsyncKeyword.RawKind != 0 && invoke.ReturnType is INamedTypeSymbol { IsGenericType: false });
    }

    private static bool IsVoid(TypeSyntax type, SyntaxTokenList modifiers) =>
        type is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword }
        || (modifiers.Any(SyntaxKind.AsyncKeyword) && type.DescendantNodesAndSelf().All(part => part is not GenericNameSyntax));

    private static string Start(bool isVoid) => isVoid ? $"{{{Check}" : $"{{{Check}return ";

    private void Insert(int position, string text) => _edits.Add((position, _edits.Count, 0, text));

    private void Replace(SyntaxToken token, string text) => _edits.Add((token.SpanStart, _edits.Count, token.Span.Length, text));

    // What was asked for first at one place comes first: the walk opens from the outside and closes from the inside.
    private string Apply(string code)
    {
        var result = new StringBuilder(code.Length + (_edits.Count * 2 * Check.Length));
        var done = 0;
        foreach (var (position, _, left, text) in _edits.OrderBy(edit => edit.Position).ThenBy(edit => edit.Order))
        {
            result.Append(code, done, position - done).Append(text);
            done = position + left;
        }

        return result.Append(code, done, code.Length - done).ToString();
    }
}
