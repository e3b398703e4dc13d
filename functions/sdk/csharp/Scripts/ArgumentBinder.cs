using System.Text.Json;

namespace ToolRuntime.Sdk.Scripts;

/// <summary>Makes a method's arguments of a JSON object, in one pass over its bytes.</summary>
internal sealed class ArgumentBinder(IReadOnlyList<ToolParameter> parameters)
{
    private readonly ToolParameter[] _parameters = [.. parameters];

    /// <summary>The arguments, in the method's order.</summary>
    /// <exception cref="BindingException">They do not fit; the message names the path.</exception>
    public object?[] Bind(ReadOnlySpan<byte> json, Context context)
    {
        var values = new object?[_parameters.Length];
        ulong given = 0;
        if (!json.IsEmpty)
        {
            given = Read(json, values);
        }

        for (var i = 0; i < values.Length; i++)
        {
            if ((given & Bit(i)) == 0)
            {
                values[i] = Missing(_parameters[i], context);
            }
        }

        return values;
    }

    private static ulong Bit(int index) => 1UL << index;

    private static object? Missing(ToolParameter parameter, Context context) => parameter.Source switch
    {
        ParameterSource.Context => context,
        ParameterSource.Cancellation => context.Cancellation,
        _ when parameter.IsRequired => throw new BindingException($"{parameter.Name}: required, but missing"),
        _ => parameter.Default,
    };

    private ulong Read(ReadOnlySpan<byte> json, object?[] values)
    {
        var reader = new Utf8JsonReader(json);
        ulong given = 0;
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new BindingException("arguments: must be a JSON object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var at = Find(ref reader);
                reader.Read();
                values[at] = _parameters[at].Read(ref reader);
                given |= Bit(at);
            }
        }
        catch (JsonException error)
        {
            throw new BindingException($"arguments: not valid JSON ({error.Message.TrimEnd('.')})");
        }

        return given;
    }

    private int Find(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < _parameters.Length; i++)
        {
            if (_parameters[i].Source == ParameterSource.Argument && reader.ValueTextEquals(_parameters[i].Utf8Name))
            {
                return i;
            }
        }

        var name = reader.GetString()!;
        var loose = Array.FindIndex(_parameters, p => p.Source == ParameterSource.Argument && p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return loose >= 0 ? loose : throw new BindingException($"{name}: no such argument; known are {Known()}");
    }

    private string Known()
    {
        var names = string.Join(", ", _parameters.Where(p => p.Source == ParameterSource.Argument).Select(p => p.Name));
        return names.Length == 0 ? "none" : names;
    }
}
