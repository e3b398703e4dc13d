using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ToolRuntime.Tests.Unit.Shape;

/// <summary>Size and complexity of one method, constructor, accessor or local function.</summary>
internal sealed record MethodMeasure(string Where, int Lines, int Complexity, int Nesting, int Parameters)
{
    public static IEnumerable<MethodMeasure> Of(string path)
    {
        var root = SourceTree.Parse(path);
        foreach (var node in root.DescendantNodes().Where(n => n is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax { Body: not null } or LocalFunctionStatementSyntax))
        {
            var span = node.GetLocation().GetLineSpan();
            var bodyLines = span.EndLinePosition.Line - BodyStart(node) + 1;
            yield return new MethodMeasure(
                $"{SourceTree.Relative(path)}:{span.StartLinePosition.Line + 1} {Name(node)}",
                bodyLines,
                1 + Own(node).Count(Branches),
                Depth(node),
                node.ChildNodes().OfType<ParameterListSyntax>().FirstOrDefault()?.Parameters.Count ?? 0);
        }
    }

    private static int BodyStart(SyntaxNode node) =>
        (node.ChildTokens().FirstOrDefault(t => t.IsKind(SyntaxKind.IdentifierToken)) is { RawKind: not 0 } name ? name.GetLocation() : node.GetLocation())
            .GetLineSpan().StartLinePosition.Line;

    private static string Name(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax m => m.Identifier.Text,
        ConstructorDeclarationSyntax c => c.Identifier.Text,
        LocalFunctionStatementSyntax f => f.Identifier.Text,
        _ => node.Kind().ToString(),
    };

    private static IEnumerable<SyntaxNode> Own(SyntaxNode method) =>
        method.DescendantNodes(n => n == method || n is not LocalFunctionStatementSyntax);

    private static bool Branches(SyntaxNode n) => n.Kind() is SyntaxKind.IfStatement or SyntaxKind.WhileStatement or SyntaxKind.ForStatement
        or SyntaxKind.ForEachStatement or SyntaxKind.CaseSwitchLabel or SyntaxKind.CasePatternSwitchLabel or SyntaxKind.CatchClause
        or SyntaxKind.ConditionalExpression or SyntaxKind.LogicalAndExpression or SyntaxKind.LogicalOrExpression or SyntaxKind.DoStatement;

    private static int Depth(SyntaxNode method)
    {
        var deepest = 0;
        foreach (var block in Own(method).Where(n => n is StatementSyntax and not BlockSyntax && Nests(n)))
        {
            var depth = block.AncestorsAndSelf().TakeWhile(n => n != method).Count(n => n is StatementSyntax && Nests(n) && !IsElseIf(n));
            deepest = Math.Max(deepest, depth);
        }

        return deepest;
    }

    private static bool Nests(SyntaxNode n) => n is IfStatementSyntax or ForStatementSyntax or ForEachStatementSyntax or WhileStatementSyntax
        or DoStatementSyntax or SwitchStatementSyntax or TryStatementSyntax or LockStatementSyntax or UsingStatementSyntax or FixedStatementSyntax;

    private static bool IsElseIf(SyntaxNode n) => n is IfStatementSyntax { Parent: ElseClauseSyntax };
}
