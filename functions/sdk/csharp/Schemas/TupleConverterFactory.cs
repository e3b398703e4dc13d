using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.Sdk.Schemas;

/// <summary>Value tuples of up to seven items, as JSON arrays of that length.</summary>
internal sealed class TupleConverterFactory : JsonConverterFactory
{
    /// <summary>Longest tuple without nesting.</summary>
    public const int MaximumItems = 7;

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsValueType && typeToConvert.IsGenericType && typeof(ITuple).IsAssignableFrom(typeToConvert) &&
        typeToConvert.GetGenericArguments().Length <= MaximumItems;

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(TupleConverter<>).MakeGenericType(typeToConvert))!;
}
