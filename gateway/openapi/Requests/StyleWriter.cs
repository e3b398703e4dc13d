using System.Text;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>
/// Writes one value in one style (OpenAPI 3.2.1, "Style Examples"; RFC 6570, 3.2). What RFC 6570 calls undefined, <c>null</c> and empty arrays
/// and objects, is not written at all; the empty string, 0 and <c>false</c> are values like any other. In arrays and objects undefined items
/// and members are left out, and items that are arrays or objects themselves, for which no style of OpenAPI 3 has a form, are written as JSON.
/// </summary>
/// <param name="argument">The argument's name, for faults.</param>
/// <param name="shape">The style.</param>
/// <param name="escape">How values are escaped.</param>
internal sealed class StyleWriter(string argument, StyleShape shape, Escape escape)
{
    private readonly Escape _names = escape == Escape.None || escape == Escape.Form ? escape : Escape.Strict;

    /// <summary>What stands between the items of arrays within the array (Swagger 2.0, Items Object), the outer ones first.</summary>
    public IReadOnlyList<char> Inner { get; init; } = [];

    /// <summary>Appends <paramref name="value"/>; false, and nothing appended, where it is undefined.</summary>
    public bool Write(StringBuilder target, string name, JsonElement value, bool explode)
    {
        if (!IsDefined(value))
        {
            return false;
        }

        target.Append(shape.First);
        if (value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
        {
            Pair(target, name, value, shape.IsNamed);
        }
        else if (explode)
        {
            Exploded(target, name, value);
        }
        else
        {
            Joined(target, name, value);
        }

        return true;
    }

    /// <summary>Whether RFC 6570 (2.3) has the value as defined.</summary>
    public static bool IsDefined(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => false,
        JsonValueKind.Array => value.EnumerateArray().Any(i => i.ValueKind != JsonValueKind.Null),
        JsonValueKind.Object => value.EnumerateObject().Any(m => m.Value.ValueKind != JsonValueKind.Null),
        _ => true,
    };

    private void Exploded(StringBuilder target, string name, JsonElement value)
    {
        var separator = "";
        foreach (var (key, item) in StylePieces.Of(value))
        {
            target.Append(separator);
            separator = shape.Separator;
            if (key is null)
            {
                Pair(target, name, item, shape.IsNamed);
            }
            else
            {
                Member(target, key, item);
            }
        }
    }

    private void Joined(StringBuilder target, string name, JsonElement value)
    {
        if (shape.IsNamed)
        {
            PercentEncoding.Append(target, name, _names);
            target.Append('=');
        }

        var separator = "";
        foreach (var (key, item) in StylePieces.Of(value))
        {
            target.Append(separator);
            separator = shape.Joiner;
            if (key is not null)
            {
                PercentEncoding.Append(target, key, escape);
                target.Append(shape.Joiner);
            }

            Item(target, item, 0);
        }
    }

    private void Item(StringBuilder target, JsonElement item, int depth)
    {
        if (item.ValueKind != JsonValueKind.Array || depth == Inner.Count)
        {
            PercentEncoding.Append(target, ArgumentText.Of(argument, item), escape);
            return;
        }

        var separator = "";
        foreach (var (_, piece) in StylePieces.Of(item))
        {
            PercentEncoding.Append(target, separator, Inner[depth] == ',' ? Escape.None : escape);
            separator = Inner[depth].ToString();
            Item(target, piece, depth + 1);
        }
    }

    private void Pair(StringBuilder target, string name, JsonElement value, bool isNamed)
    {
        if (value.ValueKind == JsonValueKind.Array && Inner.Count > 0)
        {
            PercentEncoding.Append(target, isNamed ? name : "", _names);
            target.Append(isNamed ? "=" : "");
            Item(target, value, 0);
            return;
        }

        var text = ArgumentText.Of(argument, value);
        if (isNamed)
        {
            PercentEncoding.Append(target, name, _names);
            target.Append(text.Length == 0 ? shape.IfEmpty : "=");
        }

        PercentEncoding.Append(target, text, escape);
    }

    private void Member(StringBuilder target, string key, JsonElement value)
    {
        PercentEncoding.Append(target, key, _names);
        var text = ArgumentText.Of(argument, value);
        target.Append(text.Length == 0 && shape.IsNamed ? shape.IfEmpty : "=");
        PercentEncoding.Append(target, text, escape);
    }
}
