using System.Reflection;

namespace ToolRuntime.Sdk.Scripts;

/// <summary>Which methods of a script are tools: the public ones of its top level whose names do not begin with <c>_</c>.</summary>
internal static class ToolMethods
{
    /// <summary>Name and method, in the order of declaration.</summary>
    /// <param name="script">The script's class.</param>
    /// <param name="isPublic">Whether the source says <c>public</c>: the compiler emits every member of a script as public, whatever it says.</param>
    public static IReadOnlyList<(string Name, MethodInfo Method)> Of(Type script, Func<MethodInfo, bool> isPublic) =>
        [.. script.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(m => !m.IsSpecialName && m.Name[0] is not ('_' or '<') && isPublic(m))
            .OrderBy(m => m.MetadataToken)
            .Select(m => (m.GetCustomAttribute<ToolAttribute>()?.Name ?? m.Name, m))];
}
