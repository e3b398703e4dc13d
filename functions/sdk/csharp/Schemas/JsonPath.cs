using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace ToolRuntime.Sdk.Schemas;

/// <summary>Follows the serializer's paths (<c>$.next.items[0]['a b']</c>) through contracts.</summary>
internal static partial class JsonPath
{
    /// <summary>The type that is expected at <paramref name="path"/> below a value of type <paramref name="root"/>, or null where the path leaves the contract.</summary>
    public static Type? TypeAt(Type root, string path)
    {
        Type? type = root;
        foreach (Match step in Steps().Matches(path))
        {
            type = type is null ? null : Next(Nullable.GetUnderlyingType(type) ?? type, step);
        }

        return type;
    }

    private static Type? Next(Type type, Match step)
    {
        if (type.IsGenericType && typeof(ITuple).IsAssignableFrom(type))
        {
            return null;
        }

        var contract = JsonContract.Of(type);
        return contract.Kind switch
        {
            JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => contract.ElementType,
            JsonTypeInfoKind.Object => contract.Properties.FirstOrDefault(p => p.Name.Equals(Member(step), StringComparison.OrdinalIgnoreCase))?.PropertyType,
            _ => null,
        };
    }

    private static string Member(Match step) => step.Groups["name"].Success ? step.Groups["name"].Value : step.Groups["quoted"].Value;

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<quoted>[^']*)'\]|\[\d+\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Steps();
}
