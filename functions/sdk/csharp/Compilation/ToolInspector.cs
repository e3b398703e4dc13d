using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using ToolRuntime.Sdk.Schemas;
using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Compilation;

/// <summary>The ToolDefinitions of a script's methods, from signatures and documentation comments.</summary>
internal sealed partial class ToolInspector(string entry, ScriptDocumentation documentation)
{
    private readonly List<string> _warnings = [];

    /// <summary>Things to know, such as an argument without a description.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Reads every tool.</summary>
    /// <exception cref="ScriptFault">There is none, two have one name, or a signature has no schema.</exception>
    public JsonArray Read(Type script)
    {
        var methods = ToolMethods.Of(script, documentation.IsPublic);
        if (methods.Count == 0)
        {
            throw Nothing();
        }

        var tools = new JsonArray();
        var seen = new Dictionary<string, MethodInfo>(StringComparer.Ordinal);
        foreach (var (name, method) in methods)
        {
            if (!ToolName().IsMatch(name))
            {
                throw Refused(method, $"\"{name}\" is no tool's name", "use 1 to 128 letters, digits, _, - or .");
            }

            if (!seen.TryAdd(name, method))
            {
                throw Refused(method, $"a tool named '{name}' is already defined in line {documentation.Of(seen[name])?.Line}", "rename one, or give it [Tool(\"other-name\")]");
            }

            tools.Add(Define(name, method));
        }

        return tools;
    }

    private JsonObject Define(string name, MethodInfo method)
    {
        var notes = documentation.Of(method);
        var shape = ResultShape.Of(method);
        CheckSignature(method);
        var said = method.GetCustomAttribute<ToolAttribute>();
        var tool = new JsonObject { ["name"] = name };
        if (said?.Title is { } title)
        {
            tool["title"] = title;
        }

        tool["description"] = method.GetCustomAttribute<DescriptionAttribute>()?.Description ?? notes?.Summary ?? "";
        tool["inputSchema"] = Input(method, notes);
        if (Output(method, shape, notes) is { } output)
        {
            tool["outputSchema"] = output;
        }

        if (said is not null && Annotations(said) is { Count: > 0 } annotations)
        {
            tool["annotations"] = annotations;
        }

        tool["entry"] = name;
        tool["streams"] = shape.Streams;
        return tool;
    }

    private JsonObject Input(MethodInfo method, MethodNotes? notes)
    {
        var writer = new SchemaWriter(Describe);
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var parameter in method.GetParameters().Where(p => ToolParameter.SourceOf(p.ParameterType) == ParameterSource.Argument))
        {
            properties[parameter.Name!] = Argument(method, parameter, writer, notes);
            if (ToolParameter.Of(parameter).IsRequired)
            {
                required.Add(parameter.Name!);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        schema["additionalProperties"] = false;
        return writer.Complete(schema);
    }

    private JsonObject Argument(MethodInfo method, ParameterInfo parameter, SchemaWriter writer, MethodNotes? notes)
    {
        var schema = Typed(method, $"parameter '{parameter.Name}'", () => writer.Parameter(parameter));
        var text = parameter.GetCustomAttribute<DescriptionAttribute>()?.Description ?? notes?.Parameters.GetValueOrDefault(parameter.Name!);
        if (text is not null)
        {
            schema["description"] = text;
        }

        if (parameter is { HasDefaultValue: true, DefaultValue: not null })
        {
            schema["default"] = JsonSerializer.SerializeToNode(ToolParameter.Of(parameter).Default, parameter.ParameterType, JsonContract.Options);
        }

        return schema;
    }

    private JsonObject? Output(MethodInfo method, ResultShape shape, MethodNotes? notes)
    {
        if (shape.Kind == ResultKind.None || shape.IsContent)
        {
            return null;
        }

        var writer = new SchemaWriter(Describe);
        var info = writer.NullabilityOf(method.ReturnParameter);
        var inner = shape.IsTask || shape.Streams ? info.GenericTypeArguments.FirstOrDefault() : info;
        var schema = Typed(method, "the return type", () => writer.Returned(shape.Type, inner));
        if (shape.Streams)
        {
            schema = new JsonObject { ["type"] = "array", ["items"] = schema };
        }

        if (schema.Count == 0)
        {
            return null;
        }

        if (notes?.Returns is { } text)
        {
            schema["description"] = text;
        }

        return writer.Complete(schema);
    }

    private static JsonObject Annotations(ToolAttribute said)
    {
        var annotations = new JsonObject();
        if (said.ReadOnly)
        {
            annotations["readOnlyHint"] = true;
        }

        if (said.Destructive)
        {
            annotations["destructiveHint"] = true;
        }

        if (said.Idempotent)
        {
            annotations["idempotentHint"] = true;
        }

        return annotations;
    }

    private string? Describe(MemberInfo member) => member.GetCustomAttribute<DescriptionAttribute>()?.Description ?? documentation.Of(member);

    private void CheckSignature(MethodInfo method)
    {
        if (method.IsGenericMethodDefinition)
        {
            throw Refused(method, "it has type parameters", "write the types that it is called with");
        }

        if (method.ReturnType.IsByRef || method.ReturnType.IsPointer)
        {
            throw Refused(method, "it returns a reference", "return the value");
        }

        var parameters = method.GetParameters();
        if (parameters.Length > ScriptTool.MaximumParameters)
        {
            throw Refused(method, $"it has {parameters.Length} parameters, at most {ScriptTool.MaximumParameters}", "take a record");
        }

        if (parameters.FirstOrDefault(p => p.ParameterType.IsByRef) is { } reference)
        {
            throw Refused(method, $"parameter '{reference.Name}' is ref, out or in", "take the value, and return what the caller needs, as a tuple or a record");
        }
    }

    private JsonObject Typed(MethodInfo method, string what, Func<JsonObject> write)
    {
        try
        {
            return write();
        }
        catch (UntypableException error)
        {
            throw Refused(method, $"{what}: {error.What}", error.Mend);
        }
    }

    private ScriptFault Refused(MethodInfo method, string what, string mend)
    {
        var notes = documentation.Of(method);
        var file = notes?.File ?? entry;
        return new ScriptFault($"{file}:{notes?.Line}: {method.Name}: {what}; {mend}", detail: null, file == entry ? notes?.Line : null);
    }

    private ScriptFault Nothing()
    {
        if (documentation.Hidden.FirstOrDefault(h => h.Name[0] != '_') is { Name: not null } hidden)
        {
            return new ScriptFault($"{hidden.File}:{hidden.Line}: {hidden.Name} is not public, so there is no tool; write: public … {hidden.Name}(…)", null, hidden.File == entry ? hidden.Line : null);
        }

        return new ScriptFault($"{entry}: no method to make a tool of; declare a public method at the top level whose name does not begin with '_'");
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,128}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ToolName();
}
