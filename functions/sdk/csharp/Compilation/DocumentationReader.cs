using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Compilation;

/// <summary>Reads the documentation comments of a compilation's own members.</summary>
internal sealed partial class DocumentationReader(string root)
{
    private readonly ScriptDocumentation _found = new();

    /// <summary>Reads all of it.</summary>
    public ScriptDocumentation Read(CSharpCompilation compilation)
    {
        if (compilation.ScriptClass is { } script)
        {
            foreach (var member in script.GetMembers())
            {
                Take(member);
            }
        }

        return _found;
    }

    private void Take(ISymbol member)
    {
        switch (member)
        {
            case INamedTypeSymbol type:
                TakeType(type);
                break;
            case IMethodSymbol { MethodKind: MethodKind.Ordinary, IsImplicitlyDeclared: false } method:
                TakeMethod(method);
                break;
        }
    }

    private void TakeMethod(IMethodSymbol method)
    {
        if (method.Locations.FirstOrDefault(l => l.IsInSource) is not { } location)
        {
            return;
        }

        var (file, line) = Place(location, root);
        if (method.DeclaredAccessibility != Accessibility.Public)
        {
            _found.AddHidden(method.Name, file, line);
            return;
        }

        var xml = Comment(method);
        var parameters = xml?.Elements("param").Where(p => p.Attribute("name") is not null)
            .GroupBy(p => p.Attribute("name")!.Value, StringComparer.Ordinal)
            .Select(g => (g.Key, Value: Text(g.First())))
            .Where(p => p.Value is not null)
            .ToDictionary(p => p.Key, p => p.Value!, StringComparer.Ordinal) ?? [];
        var notes = new MethodNotes(Summary(xml), Text(xml?.Element("returns")), parameters, file, line);
        _found.Add(method.Name, method.Parameters.Select(p => p.Name), notes);
    }

    private void TakeType(INamedTypeSymbol type)
    {
        var name = NameOf(type);
        var xml = Comment(type);
        if (Summary(xml) is { } text)
        {
            _found.Add(ScriptDocumentation.Key(name, null), text);
        }

        foreach (var parameter in xml?.Elements("param") ?? [])
        {
            if (parameter.Attribute("name")?.Value is { } member && Text(parameter) is { } said)
            {
                _found.Add(ScriptDocumentation.Key(name, member), said);
            }
        }

        foreach (var member in type.GetMembers().Where(m => m is IPropertySymbol or IFieldSymbol or INamedTypeSymbol))
        {
            if (member is INamedTypeSymbol nested)
            {
                TakeType(nested);
            }
            else if (Summary(Comment(member)) is { } said)
            {
                _found.Add(ScriptDocumentation.Key(name, member.Name), said);
            }
        }
    }

    /// <summary>A place in the source as the author knows it.</summary>
    public static (string File, int Line) Place(Location location, string root)
    {
        var span = location.GetMappedLineSpan();
        return (RelativeTo(root, span.Path), span.StartLinePosition.Line + 1);
    }

    private static string RelativeTo(string root, string path) => Path.IsPathRooted(path) ? Path.GetRelativePath(root, path) : path;

    private static string NameOf(INamedTypeSymbol type) =>
        type.ContainingType is { } outer ? $"{NameOf(outer)}+{type.MetadataName}" : type.IsScriptClass ? ScriptInstance.ClassName : type.MetadataName;

    private static XElement? Comment(ISymbol symbol)
    {
        var xml = symbol.GetDocumentationCommentXml();
        if (string.IsNullOrWhiteSpace(xml))
        {
            return null;
        }

        try
        {
            return XElement.Parse(xml);
        }
        catch (XmlException)
        {
            // A badly formed comment is not worth a refused deployment.
            return null;
        }
    }

    private static string? Summary(XElement? xml)
    {
        var parts = new[] { Text(xml?.Element("summary")), Text(xml?.Element("remarks")) }.Where(t => t is not null).ToArray();
        return parts.Length == 0 ? null : string.Join("\n\n", parts);
    }

    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        var words = string.Concat(element.DescendantNodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { IsEmpty: true } reference => reference.Attributes().FirstOrDefault(a => a.Name.LocalName is "name" or "langword" or "cref")?.Value.Split(':', '.')[^1] ?? " ",
            _ => "",
        }));
        var flat = Spaces().Replace(words, " ").Trim();
        return flat.Length == 0 ? null : flat;
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();
}
