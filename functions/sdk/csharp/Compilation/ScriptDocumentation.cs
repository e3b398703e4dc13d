using System.Reflection;

namespace ToolRuntime.Sdk.Compilation;

/// <summary>What a source says of its members, found by reflection's names.</summary>
internal sealed class ScriptDocumentation
{
    private readonly Dictionary<string, string> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MethodNotes> _methods = new(StringComparer.Ordinal);
    private readonly List<(string Name, string File, int Line)> _hidden = [];

    /// <summary>Methods of the top level that are not public.</summary>
    public IReadOnlyList<(string Name, string File, int Line)> Hidden => _hidden;

    /// <summary>Keeps a type's or member's text.</summary>
    public void Add(string key, string text) => _members[key] = text;

    /// <summary>Keeps a method's notes.</summary>
    public void Add(string name, IEnumerable<string> parameters, MethodNotes notes) => _methods[MethodKey(name, parameters)] = notes;

    /// <summary>Keeps a method that is no tool because it is not public.</summary>
    public void AddHidden(string name, string file, int line) => _hidden.Add((name, file, line));

    /// <summary>Key of a type's member, or of the type where <paramref name="member"/> is null.</summary>
    public static string Key(string type, string? member) => member is null ? type : $"{type}.{member}";

    /// <summary>Text of a type or member, or null.</summary>
    public string? Of(MemberInfo member) =>
        _members.GetValueOrDefault(member is Type type ? Key(NameOf(type), null) : Key(NameOf(member.DeclaringType!), member.Name));

    /// <summary>Whether the source declares a method of the top level public.</summary>
    public bool IsPublic(MethodInfo method) => Of(method) is not null;

    /// <summary>Notes of a public method, or null.</summary>
    public MethodNotes? Of(MethodInfo method) => _methods.GetValueOrDefault(MethodKey(method.Name, method.GetParameters().Select(p => p.Name!)));

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? type.Name;

    private static string MethodKey(string name, IEnumerable<string> parameters) => $"{name}({string.Join(',', parameters)})";
}
