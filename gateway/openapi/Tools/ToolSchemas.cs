using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>The schemas of one tool, written when asked for, in any dialect, whole or part by part.</summary>
internal sealed class ToolSchemas(ApiOperation operation, ApiMedia? media, SchemaTables tables, int budget, Func<IReadOnlyList<PlannedArgument>> arguments)
{
    private const string InputSide = "/input";
    private const string OutputSide = "/output";
    private const int LongestDependencies = 800;
    private static readonly PartObject s_nothing = new([new("type", new PartText("string")), new("maxLength", new PartValue("0"))]);
    private static readonly ApiSchema s_bytes = new(JsonElement.Parse("""{"type":"string","format":"binary"}"""u8), null);
    private static readonly ApiSchema s_text = new(JsonElement.Parse("""{"type":"string"}"""u8), null);

    public ReadOnlyMemory<byte> Input(SchemaDialect dialect) => SchemaFitter.Fit(InputRoot(), InputSide, InputSide, budget, dialect);

    public ReadOnlyMemory<byte>? Output(SchemaDialect dialect) => OutputRoot() is { } root ? SchemaFitter.Fit(root, OutputSide, OutputSide, budget, dialect) : default(ReadOnlyMemory<byte>?);

    /// <summary>What a mark's pointer stands for, within the same budget; null where it stands for nothing.</summary>
    public ReadOnlyMemory<byte>? Expand(string pointer, SchemaDialect dialect)
    {
        var isInput = pointer == InputSide || pointer.StartsWith(InputSide + "/", StringComparison.Ordinal);
        if (!isInput && pointer != OutputSide && !pointer.StartsWith(OutputSide + "/", StringComparison.Ordinal))
        {
            return null;
        }

        var side = isInput ? InputSide : OutputSide;
        SchemaPart? root = isInput ? InputRoot() : OutputRoot();
        return (root is null ? null : SchemaNavigator.Find(root, isInput ? tables.Input : tables.Output, pointer[side.Length..])) switch
        {
            PartList values => Values(values, pointer),
            PartObject part => SchemaFitter.Fit(part, pointer, side, budget, dialect),
            _ => default(ReadOnlyMemory<byte>?),
        };
    }

    /// <summary>As many values as fit, and where the next ones are.</summary>
    private ReadOnlyMemory<byte> Values(PartList values, string pointer)
    {
        var at = pointer.LastIndexOf("/@", StringComparison.Ordinal);
        var from = at >= 0 && int.TryParse(pointer.AsSpan(at + 2), out var given) ? given : 0;
        var (spent, count) = (pointer.Length + 64, 0);
        while (count < values.Items.Count && spent + values.Items[count].Size + 1 <= budget)
        {
            spent += values.Items[count++].Size + 1;
        }

        var shown = new PartObject([new("enum", new PartList([.. values.Items.Take(count)]))]);
        return SchemaWriter.Write(count == values.Items.Count ? shown : shown.With(SchemaFitter.Mark, new PartText($"{(at >= 0 ? pointer[..at] : pointer)}/@{from + count}")));
    }

    private PartObject InputRoot()
    {
        var properties = new List<KeyValuePair<string, SchemaPart>>();
        var required = new List<string>();
        var dependent = Dependent();
        foreach (var argument in arguments())
        {
            properties.Add(new(argument.Binding.Argument, Argument(argument)));
            if (argument.IsRequired || (argument.IsRequiredInBody && dependent is null))
            {
                required.Add(argument.Binding.Argument);
            }
        }

        List<KeyValuePair<string, SchemaPart>> members = [new("type", new PartText("object")), new("properties", new PartObject(properties))];
        if (ObjectKeywords.Names(required) is { } names)
        {
            members.Add(new("required", names));
        }

        if (dependent is { Members.Count: > 0 })
        {
            members.Add(new("dependentRequired", dependent));
        }

        members.Add(new("additionalProperties", PartValue.False));
        return new PartObject(members);
    }

    /// <summary>What properties of a body that may be left out need of one another; null where saying so would take too much room: then they are simply needed.</summary>
    private PartObject? Dependent()
    {
        var needed = arguments().Where(a => a.IsRequiredInBody).Select(a => a.Binding.Argument).ToList();
        var body = arguments().Where(a => a.Binding.Target == BindingTarget.BodyProperty).Select(a => a.Binding.Argument).ToList();
        if (needed.Count > 0 && body.Sum(b => b.Length + needed.Sum(n => n.Length + 3) + 5) > LongestDependencies)
        {
            return null;
        }

        return new PartObject([.. needed.Count == 0 ? [] : body.Select(b => (b, Names: ObjectKeywords.Names([.. needed.Where(n => n != b)]))).Where(d => d.Names is not null).Select(d => KeyValuePair.Create(d.b, (SchemaPart)d.Names!))]);
    }

    private SchemaPart Argument(PlannedArgument argument)
    {
        var converter = new SchemaConverter(tables.Input, $"{operation.Pointer}#{argument.Binding.Argument}");
        var part = converter.Convert(Shown(argument));
        if (argument.Binding.Parameter is { Place: ParameterPlace.Path } inPath)
        {
            part = PathArgument.Of(part, isNamed: inPath.Style == ParameterStyle.Matrix);
        }

        if (argument.Binding.Parameter is { AllowEmptyValue: true, Place: ParameterPlace.Query } && SchemaLook.Type(argument.Schema) is "integer" or "number" or "boolean")
        {
            part = new PartObject([new("anyOf", new PartList([part, s_nothing]))]);
        }

        var words = new Draft();
        if (CleanText.Of(argument.Description, 1024) is { Length: > 0 } said)
        {
            words["description"] = new PartText(said);
        }

        if (argument.IsDeprecated)
        {
            words["deprecated"] = PartValue.True;
        }

        var beside = words.ToPart();
        return beside.Members.Count == 0 ? part : part switch
        {
            PartReference reference => new PartReference(reference.Definition, beside.Members.Aggregate(reference.Beside, (sum, w) => sum.With(w.Key, w.Value))),
            PartObject schema => Ordered(beside.Members.Aggregate(schema, (sum, w) => sum.With(w.Key, w.Value))),
            _ => part,
        };
    }

    /// <summary>The argument's schema, or what bytes and text are given as where the body is no structure.</summary>
    private ApiSchema Shown(PlannedArgument argument) => media is null ? argument.Schema : argument.Binding.Target switch
    {
        BindingTarget.Parameter => argument.Schema,
        BindingTarget.BodyProperty => PartSchema.Of(media, argument.Schema, media.Encoding.GetValueOrDefault(argument.Binding.Name)),
        _ => ShownBody(argument, media),
    };

    private static ApiSchema ShownBody(PlannedArgument argument, ApiMedia media)
    {
        var type = media.MediaType;
        if (MediaChoice.IsJson(type) || MediaChoice.IsAny(type) || MediaChoice.IsForm(type))
        {
            return argument.Schema;
        }

        if (MediaChoice.IsMultipart(type))
        {
            // A string for all parts is the body as it stands on the wire.
            return Says(media.Schema, "type", "string") ? s_bytes : argument.Schema;
        }

        return MediaChoice.IsText(type) && !SchemaLook.IsBinary(media.Schema) ? ShownText(media.Schema)
            : media.ItemSchema is not null || SchemaLook.Text(media.Schema, "contentEncoding") is not null || type.Contains("json", StringComparison.OrdinalIgnoreCase) ? argument.Schema : s_bytes;
    }

    /// <summary>Text, or the number or truth value that is written as one.</summary>
    private static ApiSchema ShownText(ApiSchema schema) => SchemaLook.Type(schema) is "integer" or "number" or "boolean" ? schema : s_text;

    private static bool Says(ApiSchema schema, string keyword, string value) => schema.Resolve().Node is { ValueKind: JsonValueKind.Object } node
        && node.TryGetProperty(keyword, out var said) && said.ValueKind == JsonValueKind.String && said.ValueEquals(value);

    private SchemaPart? OutputRoot()
    {
        // A HEAD has no body, whatever the document says of one.
        if (operation.Method == "HEAD" || MediaChoice.Success(operation) is not { } success || success.Schema.Node.ValueKind != JsonValueKind.Object || success.Schema.Node.GetPropertyCount() == 0)
        {
            return null;
        }

        var part = new SchemaConverter(tables.Output, $"{operation.Pointer}/responses").Convert(success.Schema);
        return part is PartObject { Members.Count: 0 } ? null : part;
    }

    private static PartObject Ordered(PartObject schema) => new([.. schema.Members.OrderBy(m => KeywordKinds.Order(m.Key))]);
}
