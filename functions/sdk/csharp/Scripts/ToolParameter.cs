using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Sdk.Scripts;

/// <summary>One parameter of a tool's method.</summary>
internal sealed class ToolParameter
{
    private readonly JsonTypeInfo? _contract;

    private ToolParameter(ParameterInfo parameter, ParameterSource source)
    {
        Info = parameter;
        Source = source;
        Name = parameter.Name!;
        Utf8Name = Encoding.UTF8.GetBytes(Name);
        if (source != ParameterSource.Argument)
        {
            return;
        }

        _contract = JsonContract.Of(parameter.ParameterType);
        AllowsNull = new SchemaWriter(_ => null).AllowsNull(parameter);
        IsRequired = !parameter.HasDefaultValue && !AllowsNull && !IsParams(parameter);
        Default = DefaultOf(parameter);
    }

    /// <summary>The parameter.</summary>
    public ParameterInfo Info { get; }

    /// <summary>Where its value comes from.</summary>
    public ParameterSource Source { get; }

    /// <summary>Its name, which is the argument's.</summary>
    public string Name { get; }

    /// <summary>The name as it stands in JSON.</summary>
    public byte[] Utf8Name { get; }

    /// <summary>Whether null may be given.</summary>
    public bool AllowsNull { get; }

    /// <summary>Whether it must be given.</summary>
    public bool IsRequired { get; }

    /// <summary>The value where it is not given.</summary>
    public object? Default { get; }

    /// <summary>Reads how a method's parameter is filled.</summary>
    public static ToolParameter Of(ParameterInfo parameter) => new(parameter, SourceOf(parameter.ParameterType));

    /// <summary>Where values of a parameter's type come from.</summary>
    public static ParameterSource SourceOf(Type type) =>
        type == typeof(Context) ? ParameterSource.Context
        : type == typeof(CancellationToken) ? ParameterSource.Cancellation
        : ParameterSource.Argument;

    /// <summary>Reads its value; the reader stands on it.</summary>
    /// <exception cref="BindingException">The value does not fit.</exception>
    public object? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return AllowsNull || Info.ParameterType == typeof(JsonElement)
                ? JsonSerializer.Deserialize(ref reader, _contract!)
                : throw new BindingException($"{Name}: must not be null");
        }

        try
        {
            return JsonSerializer.Deserialize(ref reader, _contract!);
        }
        catch (JsonException error)
        {
            throw BindingErrors.Of(Name, Info.ParameterType, error);
        }
    }

    private static bool IsParams(ParameterInfo parameter) => parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false);

    private static object? DefaultOf(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (IsParams(parameter))
        {
            return Array.CreateInstance(type.GetElementType()!, 0);
        }

        var value = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        if (value is not null)
        {
            var plain = Nullable.GetUnderlyingType(type) ?? type;
            return plain.IsEnum ? Enum.ToObject(plain, value) : value;
        }

        return type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;
    }
}
