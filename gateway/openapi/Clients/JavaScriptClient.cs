using System.Text;

using ToolRuntime.OpenApi.Search.Toolset;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>
/// Methods as a JavaScript module: <c>createClient(call)</c> gives an object with one member for each group, whose methods take one object with
/// the tool's own argument names and return what <c>call(name, arguments)</c> returns; and the module's types for TypeScript.
/// </summary>
public static class JavaScriptClient
{
    private static readonly HashSet<string> s_inherited = ["constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"];

    private const string Head = "// Typed client; every method calls the tool of its name. Left-out and undefined arguments are not sent; null is.\n";

    /// <summary>The module (<c>.mjs</c>) with <paramref name="methods"/>.</summary>
    public static string Write(IEnumerable<ClientMethod> methods)
    {
        var text = new StringBuilder(Head).Append("const given = (args) => Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));\n");
        var groups = methods.GroupBy(m => m.Group, StringComparer.Ordinal).ToArray();
        foreach (var group in groups)
        {
            text.Append($"\nexport class {ClassOf(group.Key)} {{\n  #call;\n  constructor(call) {{ this.#call = call; }}\n");
            foreach (var method in group)
            {
                text.Append($"  /** {ProgramText.Line(ToolsetAnswers.Summary(method.Tool))} */\n")
                    .Append($"  {Identifiers.JavaScript(method.Name)}(args = {{}}) {{ return this.#call({ProgramText.Quote(method.Tool.Name)}, given(args)); }}\n");
            }

            text.Append("}\n");
        }

        text.Append("\nexport const createClient = (call) => ({\n");
        foreach (var group in groups)
        {
            text.Append($"  {Identifiers.JavaScript(group.Key)}: new {ClassOf(group.Key)}(call),\n");
        }

        return text.Append("});\n").ToString();
    }

    /// <summary>The types (<c>.d.ts</c>) of the module that <see cref="Write"/> writes for the same methods. Reads their input schemas.</summary>
    public static string WriteTypes(IEnumerable<ClientMethod> methods)
    {
        var text = new StringBuilder(Head).Append("export type Call = (name: string, args: Record<string, unknown>) => any;\n");
        var groups = methods.GroupBy(m => m.Group, StringComparer.Ordinal).ToArray();
        foreach (var group in groups)
        {
            text.Append($"\nexport declare class {ClassOf(group.Key)} {{\n  constructor(call: Call);\n");
            foreach (var method in group)
            {
                var arguments = MethodArgument.Of(method.Tool);
                var optional = arguments.Any(a => a.IsRequired) ? "" : "?";
                text.Append($"  /** {ProgramText.Line(ToolsetAnswers.Summary(method.Tool))} */\n")
                    .Append($"  {Identifiers.JavaScript(method.Name)}(args{optional}: {{ {Members(arguments)} }}): Promise<any>;\n");
            }

            text.Append("}\n");
        }

        text.Append("\nexport declare const createClient: (call: Call) => {\n");
        foreach (var group in groups)
        {
            text.Append($"  {Identifiers.JavaScript(group.Key)}: {ClassOf(group.Key)};\n");
        }

        return text.Append("};\n").ToString();
    }

    /// <summary>The hint for <paramref name="shape"/>.</summary>
    internal static string Hint(ValueShape shape) => shape switch
    {
        ValueShape.Text => "string",
        ValueShape.Whole or ValueShape.Number => "number",
        ValueShape.Truth => "boolean",
        ValueShape.Nothing => "null",
        ValueShape.Literal literal => string.Join(" | ", literal.Values.Select(Value)),
        ValueShape.ListOf list => $"Array<{Hint(list.Item)}>",
        ValueShape.ObjectOf { Members.Count: 0 } => "Record<string, any>",
        ValueShape.ObjectOf shaped => $"{{ {string.Join("; ", shaped.Members.Select(m => $"{ProgramText.Quote(m.Name)}?: {Hint(m.Name, m.Shape)}"))}; [more: string]: any }}",
        ValueShape.OneOf one => string.Join(" | ", one.Parts.Select(Hint).Distinct(StringComparer.Ordinal)),
        _ => "any",
    };

    /// <summary>Arguments as members of an object type.</summary>
    internal static string Members(IReadOnlyList<MethodArgument> arguments) =>
        string.Join("; ", arguments.Select(a => $"{ProgramText.Quote(a.Argument)}{(a.IsRequired ? "" : "?")}: {Hint(a.Argument, a.Shape)}"));

    /// <summary>The hint of a member; every object has the members of Object.prototype, and with another type no object would fit.</summary>
    private static string Hint(string name, ValueShape shape) => s_inherited.Contains(name) ? "any" : Hint(shape);

    private static string ClassOf(string group) => Identifiers.Pascal(group) + "Api";

    private static string Value(string json) => json[0] == '"' ? ProgramText.Quote(System.Text.Json.JsonElement.Parse(json).GetString()!) : json;
}
