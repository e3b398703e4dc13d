using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Scalars off protobuf's wire; messages as their bytes.</summary>
internal static class ScalarReader
{
    /// <summary>Reads one value after its tag.</summary>
    public static object Read(CodedInputStream input, FieldType type) => type switch
    {
        FieldType.Double => input.ReadDouble(),
        FieldType.Float => input.ReadFloat(),
        FieldType.Bool => input.ReadBool(),
        FieldType.String => input.ReadString(),
        FieldType.Enum => input.ReadEnum(),
        FieldType.Int32 => input.ReadInt32(),
        FieldType.SInt32 => input.ReadSInt32(),
        FieldType.SFixed32 => input.ReadSFixed32(),
        FieldType.UInt32 => input.ReadUInt32(),
        FieldType.Fixed32 => input.ReadFixed32(),
        FieldType.Int64 => input.ReadInt64(),
        FieldType.SInt64 => input.ReadSInt64(),
        FieldType.SFixed64 => input.ReadSFixed64(),
        FieldType.UInt64 => input.ReadUInt64(),
        FieldType.Fixed64 => input.ReadFixed64(),
        _ => input.ReadBytes(),
    };
}
