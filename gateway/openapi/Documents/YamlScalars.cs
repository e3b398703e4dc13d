using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>What a scalar means under the core schema of YAML 1.2: plain ones may be null, a boolean or a number; all others are text.</summary>
internal static class YamlScalars
{
    private const int LongestNumber = 400;
    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdefABCDEF");

    public static void Write(Scalar scalar, Utf8JsonWriter writer)
    {
        if (IsText(scalar))
        {
            writer.WriteStringValue(Whole(scalar.Value));
            return;
        }

        switch (scalar.Value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                writer.WriteNullValue();
                break;
            case "true" or "True" or "TRUE":
                writer.WriteBooleanValue(true);
                break;
            case "false" or "False" or "FALSE":
                writer.WriteBooleanValue(false);
                break;
            default:
                WriteNumberOrText(scalar.Value, writer);
                break;
        }
    }

    /// <summary>Text without halves of characters, which JSON cannot hold.</summary>
    public static string Whole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                return System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
            }
        }

        return text;
    }

    private static bool IsText(Scalar scalar) =>
        scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)
            ? scalar.Tag.IsEmpty || !IsNumberTag(scalar.Tag.Value)
            : !scalar.Tag.IsEmpty && scalar.Tag.Value is "tag:yaml.org,2002:str" or "!";

    private static bool IsNumberTag(string tag) => tag is "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:null";

    private static void WriteNumberOrText(string text, Utf8JsonWriter writer)
    {
        if (text.Length <= LongestNumber && Number(text) is { } number)
        {
            writer.WriteRawValue(number, skipInputValidation: true);
        }
        else
        {
            writer.WriteStringValue(Whole(text));
        }
    }

    /// <summary>The JSON form of a number of the core schema, digits kept; null where it is none.</summary>
    private static string? Number(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return text.Length > 2 && text.AsSpan(2).IndexOfAnyExcept(s_hex) < 0
                ? BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
                : null;
        }

        if (text.StartsWith("0o", StringComparison.Ordinal))
        {
            return text.Length > 2 && text.AsSpan(2).IndexOfAnyExceptInRange('0', '7') < 0
                ? text[2..].Aggregate(BigInteger.Zero, (sum, digit) => (sum * 8) + (digit - '0')).ToString(CultureInfo.InvariantCulture)
                : null;
        }

        return Decimal(text);
    }

    /// <summary>[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?</summary>
    private static string? Decimal(string text)
    {
        var at = text[0] is '-' or '+' ? 1 : 0;
        var whole = Digits(text, ref at);
        var fraction = "";
        if (at < text.Length && text[at] == '.')
        {
            at++;
            fraction = Digits(text, ref at);
        }

        if (whole.Length + fraction.Length == 0)
        {
            return null;
        }

        var exponent = "";
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var start = at++;
            at += at < text.Length && text[at] is '-' or '+' ? 1 : 0;
            if (Digits(text, ref at).Length == 0)
            {
                return null;
            }

            exponent = text[start..at];
        }

        return at != text.Length ? null
            : $"{(text[0] == '-' ? "-" : "")}{whole.TrimStart('0').PadLeft(1, '0')}{(fraction.Length > 0 ? "." + fraction : "")}{exponent}";
    }

    private static string Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text[start..at];
    }
}
