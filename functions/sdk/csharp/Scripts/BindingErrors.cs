using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Sdk.Scripts;

/// <summary>Turns what the serializer says of a value into what the caller must change.</summary>
internal static partial class BindingErrors
{
    /// <summary>The error of the argument <paramref name="name"/> of type <paramref name="type"/>.</summary>
    public static BindingException Of(string name, Type type, JsonException error)
    {
        var path = name + (error.Path is { Length: > 1 } below ? below[1..] : "");
        var text = error.Message;
        if (Conversion().Match(text) is { Success: true } conversion)
        {
            var expected = JsonPath.TypeAt(type, error.Path ?? "") ?? type;
            return new BindingException($"{path}: must be {PlainTypes.WordsFor(expected)}");
        }

        if (Missing().Match(text) is { Success: true } missing)
        {
            return new BindingException($"{path}: required, but missing: {missing.Groups["names"].Value.TrimEnd('.')}");
        }

        if (Unknown().Match(text) is { Success: true } unknown)
        {
            var member = unknown.Groups["name"].Value;
            return new BindingException($"{(path.EndsWith('.' + member) ? path : $"{path}.{member}")}: no such member");
        }

        return Nullness().IsMatch(text)
            ? new BindingException($"{path}: must not be null")
            : new BindingException($"{path}: {text.Split(" Path:")[0].TrimEnd('.')}");
    }

    [GeneratedRegex(@"could not be converted to ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Conversion();

    [GeneratedRegex(@"was missing required properties[^:]*: (?<names>.+?)( Path:|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex(@"^The JSON property '(?<name>.*?)' could not be mapped", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unknown();

    [GeneratedRegex("doesn't allow (setting )?null|non-nullable", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Nullness();
}
