using System.Text;

using ToolRuntime.OpenApi.Search.Toolset;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>
/// Methods as a Python module (3.11 or newer): <c>Client(call)</c> has one attribute for each group, whose methods take keyword arguments and
/// return what <c>call(name, arguments)</c> returns; where that is a coroutine, they are awaited.
/// </summary>
public static class PythonClient
{
    private const string Head = """"
        """Typed client; every method calls the tool of its name. Left-out arguments are not sent; None is sent as null."""

        from __future__ import annotations

        from typing import Any, Callable, Literal, TypedDict

        _UNSET: Any = object()


        def _given(*pairs: tuple[str, Any]) -> dict[str, Any]:
            return {name: value for name, value in pairs if value is not _UNSET}

        """";

    /// <summary>Writes a module with <paramref name="methods"/>.</summary>
    public static string Write(IEnumerable<ClientMethod> methods)
    {
        var types = new PythonTypes();
        var classes = new StringBuilder();
        var groups = methods.GroupBy(m => m.Group, StringComparer.Ordinal).ToArray();
        foreach (var group in groups)
        {
            classes.Append($"\n\nclass {ClassOf(group.Key)}:\n    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:\n        self._call = call\n");
            foreach (var method in group)
            {
                Write(classes, method, types);
            }
        }

        classes.Append("\n\nclass Client:\n    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:\n");
        foreach (var group in groups)
        {
            classes.Append($"        self.{Identifiers.Python(group.Key)} = {ClassOf(group.Key)}(call)\n");
        }

        return Head + types.Definitions + classes.Append(groups.Length == 0 ? "        pass\n" : "");
    }

    /// <summary>A method's parameters as they stand between the parentheses, without <c>self</c>.</summary>
    internal static string Parameters(IReadOnlyList<MethodArgument> arguments, Func<MethodArgument, string> hint, string unset) =>
        string.Join(", ", arguments.Select(a => $"{Identifiers.Python(a.Name)}: {hint(a)}{(a.IsRequired ? "" : unset)}"));

    private static string ClassOf(string group) => Identifiers.Pascal(group) + "Api";

    private static void Write(StringBuilder text, ClientMethod method, PythonTypes types)
    {
        var arguments = MethodArgument.Of(method.Tool);
        var owner = Identifiers.Pascal(method.Group) + Identifiers.Pascal(method.Name);
        var parameters = Parameters(arguments, a => types.Hint(a.Shape, owner + Identifiers.Pascal(a.Name)), " = _UNSET");
        var pairs = string.Join(", ", arguments.Select(a => $"({ProgramText.Quote(a.Argument)}, {Identifiers.Python(a.Name)})"));
        text.Append($"\n    def {Identifiers.Python(method.Name)}(self{(arguments.Count > 0 ? ", *, " : "")}{parameters}) -> Any:\n")
            .Append($"        \"\"\"{ProgramText.Line(ToolsetAnswers.Summary(method.Tool))}\"\"\"\n")
            .Append($"        return self._call({ProgramText.Quote(method.Tool.Name)}, _given({pairs}))\n");
    }
}
