using System.Text;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>Hints of Python for shapes; objects whose members are plain become TypedDicts.</summary>
internal sealed class PythonTypes
{
    private const int MostMembers = 24;
    private readonly StringBuilder _definitions = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The TypedDicts that the hints name, each defined before it is used.</summary>
    public string Definitions => _definitions.ToString();

    /// <summary>The hint for <paramref name="shape"/>; a TypedDict for it is called like <paramref name="name"/>.</summary>
    public string Hint(ValueShape shape, string name) => shape switch
    {
        ValueShape.ListOf list => $"list[{Hint(list.Item, name + "Item")}]",
        ValueShape.OneOf one => string.Join(" | ", one.Parts.Select(p => Hint(p, name)).Distinct(StringComparer.Ordinal)),
        ValueShape.ObjectOf { Members: { Count: > 0 and <= MostMembers } members } when members.All(m => IsPlain(m.Shape)) => Define(members, name),
        _ => Plain(shape),
    };

    /// <summary>The hint for <paramref name="shape"/> without TypedDicts.</summary>
    public static string Plain(ValueShape shape) => shape switch
    {
        ValueShape.Text => "str",
        ValueShape.Whole => "int",
        ValueShape.Number => "float",
        ValueShape.Truth => "bool",
        ValueShape.Nothing => "None",
        ValueShape.Literal literal => $"Literal[{string.Join(", ", literal.Values.Select(Value))}]",
        ValueShape.ListOf list => $"list[{Plain(list.Item)}]",
        ValueShape.ObjectOf => "dict[str, Any]",
        ValueShape.OneOf one => string.Join(" | ", one.Parts.Select(Plain).Distinct(StringComparer.Ordinal)),
        _ => "Any",
    };

    private string Define(IReadOnlyList<(string Name, ValueShape Shape)> members, string name)
    {
        var unique = name;
        for (var number = 2; !_names.Add(unique); number++)
        {
            unique = $"{name}{number}";
        }

        var fields = members.Select(m => $"{ProgramText.Quote(m.Name)}: {Plain(m.Shape)}");
        _definitions.Append($"\n\n{unique} = TypedDict({ProgramText.Quote(unique)}, {{{string.Join(", ", fields)}}}, total=False)\n");
        return unique;
    }

    private static bool IsPlain(ValueShape shape) => shape is not ValueShape.ObjectOf { Members.Count: > 0 } and not ValueShape.ListOf { Item: ValueShape.ObjectOf { Members.Count: > 0 } };

    private static string Value(string json) => json switch
    {
        "null" => "None",
        "true" => "True",
        "false" => "False",
        _ when json[0] == '"' => ProgramText.Quote(System.Text.Json.JsonElement.Parse(json).GetString()!),
        _ => json,
    };
}
