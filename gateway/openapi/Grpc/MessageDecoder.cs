using System.Globalization;
using System.Text.Json;

using Google.Protobuf;
using Google.Protobuf.Reflection;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>
/// Protobuf's wire format to JSON by a message's descriptor. Scalars without presence are written even where they have their default, so that a
/// model sees 0 and <c>false</c>; fields that the descriptor does not know are left out.
/// </summary>
internal sealed class MessageDecoder(string host)
{
    private const int MostDepth = 64;

    /// <summary>The message as UTF-8 JSON.</summary>
    /// <exception cref="ApiFaultException">The bytes are no such message.</exception>
    public ReadOnlyMemory<byte> Decode(MessageDescriptor message, byte[] bytes)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            try
            {
                Write(writer, message, ByteString.CopyFrom(bytes), MostDepth);
            }
            catch (Exception broken) when (broken is InvalidProtocolBufferException or InvalidOperationException)
            {
                throw new ApiFaultException(ApiFaultCode.BadResponse, $"{host} answered wrongly: bytes that are no {message.FullName}", innerException: broken);
            }
        }

        return json.ToArray();
    }

    private void Write(Utf8JsonWriter writer, MessageDescriptor message, ByteString bytes, int depth)
    {
        if (depth == 0)
        {
            throw TransportFaults.Bad(host, "a message is nested too deep");
        }

        if (KnownMessages.Decode(message, bytes) is { } known)
        {
            writer.WriteRawValue(known);
            return;
        }

        var values = Read(message, bytes);
        writer.WriteStartObject();
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            var present = values.GetValueOrDefault(field.FieldNumber);
            if (present is not null || (!field.HasPresence && field.FieldType != FieldType.Group))
            {
                writer.WritePropertyName(field.JsonName);
                WriteField(writer, field, present ?? [], depth);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteField(Utf8JsonWriter writer, FieldDescriptor field, List<object> values, int depth)
    {
        if (field.IsMap)
        {
            writer.WriteStartObject();
            foreach (var entry in values.Select(v => Read(field.MessageType, (ByteString)v)))
            {
                var (key, of) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
                writer.WritePropertyName(Convert.ToString(entry.GetValueOrDefault(1)?[^1] ?? Default(key), CultureInfo.InvariantCulture)!);
                WriteSingle(writer, of, entry.GetValueOrDefault(2)?[^1] ?? Default(of), depth);
            }

            writer.WriteEndObject();
        }
        else if (field.IsRepeated)
        {
            writer.WriteStartArray();
            foreach (var value in values)
            {
                WriteSingle(writer, field, value, depth);
            }

            writer.WriteEndArray();
        }
        else
        {
            WriteSingle(writer, field, values.Count > 0 ? values[^1] : Default(field), depth);
        }
    }

    private void WriteSingle(Utf8JsonWriter writer, FieldDescriptor field, object value, int depth)
    {
        switch (value)
        {
            case ByteString bytes when field.FieldType == FieldType.Message:
                Write(writer, field.MessageType, bytes, depth - 1);
                break;
            case ByteString bytes:
                writer.WriteBase64StringValue(bytes.Span);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case float number when float.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case int number when field.FieldType == FieldType.Enum && field.EnumType.FindValueByNumber(number) is { } name:
                writer.WriteStringValue(name.Name);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case uint number:
                writer.WriteNumberValue(number);
                break;
            default:
                // 64 bits and what is no number are strings in proto3's JSON.
                writer.WriteStringValue(value is double or float ? Special(Convert.ToDouble(value, CultureInfo.InvariantCulture)) : Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string Special(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private static Dictionary<int, List<object>> Read(MessageDescriptor message, ByteString bytes)
    {
        var values = new Dictionary<int, List<object>>();
        var input = bytes.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            var field = message.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag));
            var wire = WireFormat.GetTagWireType(tag);
            if (field is null or { FieldType: FieldType.Group })
            {
                input.SkipLastField();
                continue;
            }

            var list = values.TryGetValue(field.FieldNumber, out var present) ? present : values[field.FieldNumber] = [];
            if (wire == WireFormat.WireType.LengthDelimited && ScalarWriter.Wire(field.FieldType) != wire && field.IsRepeated)
            {
                var packed = input.ReadBytes().CreateCodedInput();
                while (!packed.IsAtEnd)
                {
                    list.Add(ScalarReader.Read(packed, field.FieldType));
                }
            }
            else if (wire == ScalarWriter.Wire(field.FieldType))
            {
                list.Add(ScalarReader.Read(input, field.FieldType));
            }
            else
            {
                input.SkipLastField();
            }
        }

        return values;
    }

    private static object Default(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "",
        FieldType.Bytes or FieldType.Message => ByteString.Empty,
        FieldType.Bool => false,
        FieldType.Double or FieldType.Float => 0d,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 0L,
        FieldType.UInt64 or FieldType.Fixed64 => 0UL,
        FieldType.Enum => field.EnumType.Values.Count > 0 ? field.EnumType.Values[0].Number : 0,
        _ => 0,
    };
}
