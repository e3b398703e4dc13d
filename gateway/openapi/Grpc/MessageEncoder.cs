using System.Text.Json;

using Google.Protobuf;
using Google.Protobuf.Reflection;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>JSON to protobuf's wire format by a message's descriptor. Fields go by their JSON name or their own; <c>null</c> is an absent field.</summary>
internal static class MessageEncoder
{
    private const int MostDepth = 64;

    /// <summary>The message's bytes.</summary>
    /// <exception cref="ApiFaultException">A field that the message does not have, or a value that does not fit one.</exception>
    public static byte[] Encode(MessageDescriptor message, JsonElement json) => Encode(message, json, MostDepth);

    private static byte[] Encode(MessageDescriptor message, JsonElement json, int depth)
    {
        if (Known(message, json) is { } known)
        {
            return known;
        }

        if (json.ValueKind != JsonValueKind.Object || depth == 0)
        {
            throw ApiFaultException.Argument(message.Name, depth == 0 ? "is nested too deep" : "is no object");
        }

        return Written(output =>
        {
            foreach (var member in json.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null || IsJsonValue(message, m.Name)))
            {
                Write(output, Find(message, member.Name), member.Value, depth);
            }
        });
    }

    private static byte[]? Known(MessageDescriptor message, JsonElement json)
    {
        try
        {
            return KnownMessages.Encode(message, json);
        }
        catch (Exception wrong) when (wrong is InvalidProtocolBufferException or InvalidOperationException or FormatException)
        {
            throw ApiFaultException.Argument(message.Name, $"is no {message.Name}: {wrong.Message}");
        }
    }

    private static FieldDescriptor? FindOrNull(MessageDescriptor message, string name) =>
        message.Fields.InDeclarationOrder().FirstOrDefault(f => f.JsonName == name || f.Name == name);

    private static FieldDescriptor Find(MessageDescriptor message, string name) => FindOrNull(message, name) is { FieldType: not FieldType.Group } field
        ? field
        : throw ApiFaultException.Argument(name, $"is no field of {message.FullName}");

    /// <summary>For a field of any JSON, <c>null</c> is a value.</summary>
    private static bool IsJsonValue(MessageDescriptor message, string name) =>
        FindOrNull(message, name) is { FieldType: FieldType.Message, IsRepeated: false } field && field.MessageType.FullName == "google.protobuf.Value";

    private static void Write(CodedOutputStream output, FieldDescriptor field, JsonElement value, int depth)
    {
        if (field.IsMap)
        {
            WriteMap(output, field, value, depth);
        }
        else if (!field.IsRepeated)
        {
            WriteSingle(output, field, value, depth);
        }
        else if (value.ValueKind != JsonValueKind.Array)
        {
            throw ApiFaultException.Argument(field.JsonName, "is no array");
        }
        else if (field.IsPacked && ScalarWriter.Wire(field.FieldType) != WireFormat.WireType.LengthDelimited)
        {
            output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Written(inner =>
            {
                foreach (var item in value.EnumerateArray())
                {
                    ScalarWriter.Write(inner, field, item);
                }
            })));
        }
        else
        {
            foreach (var item in value.EnumerateArray())
            {
                WriteSingle(output, field, item, depth);
            }
        }
    }

    private static void WriteMap(CodedOutputStream output, FieldDescriptor field, JsonElement value, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw ApiFaultException.Argument(field.JsonName, "is no object");
        }

        var (key, of) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
        foreach (var member in value.EnumerateObject())
        {
            output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Written(entry =>
            {
                WriteSingle(entry, key, JsonSerializer.SerializeToElement(member.Name), depth);
                WriteSingle(entry, of, member.Value, depth);
            })));
        }
    }

    private static void WriteSingle(CodedOutputStream output, FieldDescriptor field, JsonElement value, int depth)
    {
        output.WriteTag(field.FieldNumber, ScalarWriter.Wire(field.FieldType));
        if (field.FieldType == FieldType.Message)
        {
            output.WriteBytes(ByteString.CopyFrom(Encode(field.MessageType, value, depth - 1)));
        }
        else
        {
            ScalarWriter.Write(output, field, value);
        }
    }

    private static byte[] Written(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            write(output);
        }

        return bytes.ToArray();
    }
}
