using System.Text.Json;

using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Messages with a form of their own in JSON (proto3's JSON mapping): times, durations, masks, any JSON, wrapped scalars.</summary>
internal static class KnownMessages
{
    private static readonly Dictionary<string, (MessageDescriptor Type, string Schema)> s_known = new (MessageDescriptor Type, string Schema)[]
    {
        (Timestamp.Descriptor, """{"type":"string","format":"date-time"}"""),
        (Duration.Descriptor, """{"type":"string","description":"Seconds, for example 1.5s."}"""),
        (FieldMask.Descriptor, """{"type":"string","description":"Fields, separated by commas."}"""),
        (Struct.Descriptor, """{"type":"object"}"""),
        (Value.Descriptor, "{}"),
        (ListValue.Descriptor, """{"type":"array"}"""),
        (StringValue.Descriptor, """{"type":["string","null"]}"""),
        (BytesValue.Descriptor, """{"type":["string","null"],"contentEncoding":"base64"}"""),
        (BoolValue.Descriptor, """{"type":["boolean","null"]}"""),
        (Int32Value.Descriptor, """{"type":["integer","null"]}"""),
        (UInt32Value.Descriptor, """{"type":["integer","null"]}"""),
        (Int64Value.Descriptor, """{"type":["string","integer","null"]}"""),
        (UInt64Value.Descriptor, """{"type":["string","integer","null"]}"""),
        (FloatValue.Descriptor, """{"type":["number","null"]}"""),
        (DoubleValue.Descriptor, """{"type":["number","null"]}"""),
    }.ToDictionary(k => k.Type.FullName, StringComparer.Ordinal);

    /// <summary>The schema of a message that has a form of its own.</summary>
    public static bool TrySchema(MessageDescriptor message, out string schema)
    {
        var isKnown = s_known.TryGetValue(message.FullName, out var known);
        schema = known.Schema;
        return isKnown;
    }

    /// <summary>The bytes of such a message, or null where it is none.</summary>
    public static byte[]? Encode(MessageDescriptor message, JsonElement json) =>
        s_known.TryGetValue(message.FullName, out var known) ? JsonParser.Default.Parse(json.GetRawText(), known.Type).ToByteArray() : null;

    /// <summary>The JSON of such a message, or null where it is none.</summary>
    public static string? Decode(MessageDescriptor message, ByteString bytes) =>
        s_known.TryGetValue(message.FullName, out var known) ? JsonFormatter.Default.Format(known.Type.Parser.ParseFrom(bytes)) : null;
}
