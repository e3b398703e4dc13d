using System.Text.Json;

using Google.Protobuf.Reflection;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Messages as JSON Schema, by proto3's JSON mapping. Each message is a schema that others refer to by its full name.</summary>
internal sealed class MessageSchemas : IReferenceSource
{
    private const string Prefix = "#/$defs/";

    private readonly Dictionary<string, MessageDescriptor> _messages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _schemas = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>The schema of a message.</summary>
    public ApiSchema Of(MessageDescriptor message)
    {
        lock (_lock)
        {
            return new ApiSchema(Schema(message), this);
        }
    }

    /// <inheritdoc/>
    public bool TryResolve(string reference, out ApiSchema target)
    {
        lock (_lock)
        {
            var isKnown = _messages.TryGetValue(reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : "", out var message);
            target = isKnown ? new ApiSchema(Schema(message!), this) : default;
            return isKnown;
        }
    }

    private JsonElement Schema(MessageDescriptor message)
    {
        if (!_schemas.TryGetValue(message.FullName, out var schema))
        {
            _schemas[message.FullName] = schema = JsonSerializer.SerializeToElement(Object(message));
        }

        return schema;
    }

    private object Object(MessageDescriptor message)
    {
        if (KnownMessages.TrySchema(message, out var known))
        {
            return JsonElement.Parse(known);
        }

        var schema = new Dictionary<string, object>
        {
            ["type"] = "object",
            ["properties"] = message.Fields.InDeclarationOrder().ToDictionary(f => f.JsonName, Field),
        };
        if (message.Fields.InDeclarationOrder().Where(f => f.IsRequired).Select(f => f.JsonName).ToList() is { Count: > 0 } required)
        {
            schema["required"] = required;
        }

        return schema;
    }

    private object Field(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return new Dictionary<string, object> { ["type"] = "object", ["additionalProperties"] = Single(field.MessageType.FindFieldByNumber(2)) };
        }

        var single = Single(field);
        return field.IsRepeated ? new Dictionary<string, object> { ["type"] = "array", ["items"] = single } : single;
    }

    private object Single(FieldDescriptor field)
    {
        var schema = field.FieldType switch
        {
            FieldType.Bool => new Dictionary<string, object> { ["type"] = "boolean" },
            FieldType.String => new() { ["type"] = "string" },
            FieldType.Bytes => new() { ["type"] = "string", ["contentEncoding"] = "base64" },
            FieldType.Enum => new() { ["type"] = "string", ["enum"] = field.EnumType.Values.Select(v => v.Name).Distinct(StringComparer.Ordinal).ToArray() },
            FieldType.Float or FieldType.Double => new() { ["type"] = "number" },
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 or FieldType.UInt64 or FieldType.Fixed64 => new() { ["type"] = new[] { "string", "integer" } },
            FieldType.Message or FieldType.Group => Reference(field.MessageType),
            _ => new() { ["type"] = "integer" },
        };
        if (field.RealContainingOneof is { } choice && !field.IsRepeated)
        {
            schema["description"] = $"One of: {string.Join(", ", choice.Fields.Select(f => f.JsonName))}.";
        }

        return schema;
    }

    private Dictionary<string, object> Reference(MessageDescriptor message)
    {
        _messages.TryAdd(message.FullName, message);
        return new() { ["$ref"] = Prefix + message.FullName };
    }
}
