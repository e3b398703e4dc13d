using System.Globalization;
using System.Text.Json;

using Google.Protobuf;
using Google.Protobuf.Reflection;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Scalars of JSON onto protobuf's wire.</summary>
internal static class ScalarWriter
{
    /// <summary>Writes a scalar without its tag.</summary>
    /// <exception cref="ApiFaultException">The value is none of the field's type.</exception>
    public static void Write(CodedOutputStream output, FieldDescriptor field, JsonElement value)
    {
        try
        {
            WriteValue(output, field, value);
        }
        catch (Exception wrong) when (wrong is FormatException or InvalidOperationException or OverflowException)
        {
            throw ApiFaultException.Argument(field.JsonName, $"is no {field.FieldType.ToString().ToLowerInvariant()}");
        }
    }

    /// <summary>How a type stands on the wire.</summary>
    public static WireFormat.WireType Wire(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
        _ => WireFormat.WireType.Varint,
    };

    private static void WriteValue(CodedOutputStream output, FieldDescriptor field, JsonElement value)
    {
        switch (field.FieldType)
        {
            case FieldType.Double:
                output.WriteDouble(Floating(value));
                break;
            case FieldType.Float:
                output.WriteFloat((float)Floating(value));
                break;
            case FieldType.Bool:
                output.WriteBool(value.ValueKind == JsonValueKind.String ? bool.Parse(value.GetString()!) : value.GetBoolean());
                break;
            case FieldType.String:
                output.WriteString(value.GetString() ?? throw new FormatException());
                break;
            case FieldType.Bytes:
                output.WriteBytes(ByteString.CopyFrom(Convert.FromBase64String(Padded(value.GetString()!))));
                break;
            case FieldType.Enum:
                output.WriteEnum(Number(field.EnumType, value));
                break;
            default:
                WriteInteger(output, field.FieldType, value);
                break;
        }
    }

    private static void WriteInteger(CodedOutputStream output, FieldType type, JsonElement value)
    {
        var whole = Whole(value);
        switch (type)
        {
            case FieldType.Int32: output.WriteInt32(checked((int)whole)); break;
            case FieldType.SInt32: output.WriteSInt32(checked((int)whole)); break;
            case FieldType.SFixed32: output.WriteSFixed32(checked((int)whole)); break;
            case FieldType.UInt32: output.WriteUInt32(checked((uint)whole)); break;
            case FieldType.Fixed32: output.WriteFixed32(checked((uint)whole)); break;
            case FieldType.Int64: output.WriteInt64(checked((long)whole)); break;
            case FieldType.SInt64: output.WriteSInt64(checked((long)whole)); break;
            case FieldType.SFixed64: output.WriteSFixed64(checked((long)whole)); break;
            case FieldType.UInt64: output.WriteUInt64(checked((ulong)whole)); break;
            default: output.WriteFixed64(checked((ulong)whole)); break;
        }
    }

    private static Int128 Whole(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
            : (Int128)decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) is var rounded && decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) == (decimal)rounded ? rounded
            : throw new FormatException();
    }

    private static double Floating(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        var text => double.Parse(text!, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static int Number(EnumDescriptor type, JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? value.GetInt32()
        : type.FindValueByName(value.GetString()!)?.Number ?? throw new FormatException();

    private static string Padded(string text)
    {
        var plain = text.Replace('-', '+').Replace('_', '/');
        return plain.PadRight(plain.Length + ((4 - (plain.Length % 4)) % 4), '=');
    }
}
