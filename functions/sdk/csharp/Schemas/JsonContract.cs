using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ToolRuntime.Sdk.Schemas;

/// <summary>How a script's types are JSON: the one place from which both schemas and binding come.</summary>
internal static class JsonContract
{
    /// <summary>camelCase (any case is read), enums by name, no unknown members, nullability and constructors respected.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>The contract of a type.</summary>
    /// <exception cref="NotSupportedException">The serializer cannot handle it.</exception>
    public static JsonTypeInfo Of(Type type) => Options.GetTypeInfo(type);

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            PropertyNameCaseInsensitive = true,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NullableMeansOptional } },
            Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false), new TupleConverterFactory(), new DurationConverter(), new ContentConverter() },
        };
        options.MakeReadOnly();
        return options;
    }

    /// <summary>A constructor parameter of a nullable type may be left out, as a tool's own parameter may.</summary>
    private static void NullableMeansOptional(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            var nullable = property.IsSetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;
            if (property is { IsRequired: true, AssociatedParameter: not null } && nullable && !IsMarkedRequired(property))
            {
                property.IsRequired = false;
            }
        }
    }

    private static bool IsMarkedRequired(JsonPropertyInfo property) =>
        property.AttributeProvider is { } member &&
        (member.IsDefined(typeof(RequiredMemberAttribute), inherit: true) || member.IsDefined(typeof(JsonRequiredAttribute), inherit: true));
}
