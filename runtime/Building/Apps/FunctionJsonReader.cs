using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Apps;

/// <summary>Reads the <c>function.json</c> files of one app; what is wrong goes to <paramref name="errors"/>.</summary>
internal sealed class FunctionJsonReader(string root, List<string> errors)
{
    /// <summary>The file that makes a folder a function.</summary>
    public const string FileName = "function.json";

    private const string Trigger = "mcpToolTrigger";
    private static readonly string[] s_defaultScripts = ["__init__.py", "main.py", "index.js", "index.mjs", "index.cjs"];

    /// <summary>The function in <paramref name="folder"/>; null where it is disabled or wrong.</summary>
    public AppFunction? Read(string folder)
    {
        var where = $"{folder}/{FileName}";
        if (AppJson.Object(File.ReadAllText(Path.Combine(root, folder, FileName)), where, errors) is not { } said
            || AppJson.Flag(said, "disabled", where, errors))
        {
            return null;
        }

        var trigger = FindTrigger(said, where);
        var script = Script(said, folder, where);
        var entryPoint = AppJson.Text(said, "entryPoint", where, errors);
        if (trigger is not var (binding, place))
        {
            return null;
        }

        var tool = Tool(binding, place);
        var name = AppJson.Text(binding, "name", place, errors) ?? "";
        if (name.Length == 0)
        {
            errors.Add($"{place}.name: is missing; it names the parameter that takes the call");
        }

        return script is null ? null : new AppFunction(folder, script, string.IsNullOrEmpty(entryPoint) ? null : entryPoint, name, tool);
    }

    private (JsonElement Binding, string Place)? FindTrigger(JsonElement said, string where)
    {
        if (AppJson.Member(said, "bindings") is not { ValueKind: JsonValueKind.Array } bindings || bindings.GetArrayLength() == 0)
        {
            errors.Add($"{where}: bindings: an array with one {Trigger} was expected");
            return null;
        }

        (JsonElement, string)? found = null;
        foreach (var (index, binding) in bindings.EnumerateArray().Index())
        {
            var place = $"{where}: bindings[{index}]";
            var type = binding.ValueKind == JsonValueKind.Object ? AppJson.Text(binding, "type", place, errors) : null;
            if (type is null)
            {
                errors.Add($"{place}: an object with a type was expected");
            }
            else if (!type.Equals(Trigger, StringComparison.OrdinalIgnoreCase))
            {
                errors.Add($"{place}.type: \"{type}\" {FunctionAppReader.Later}");
            }
            else if (found is not null)
            {
                errors.Add($"{place}.type: a function has one trigger");
            }
            else
            {
                found = (binding, place);
            }
        }

        return found;
    }

    private ToolDefinition Tool(JsonElement binding, string place)
    {
        var name = AppJson.Text(binding, "toolName", place, errors);
        if (name is null || !Names.IsTool(name))
        {
            errors.Add($"{place}.toolName: \"{name}\" is not a tool's name; use 1 to 128 letters, digits, _, - or .");
        }

        if (AppJson.Flag(binding, "useResultSchema", place, errors))
        {
            errors.Add($"{place}.useResultSchema: {FunctionAppReader.Later}");
        }

        return new ToolDefinition
        {
            Name = name ?? "",
            Description = AppJson.Text(binding, "description", place, errors) ?? "",
            InputSchema = ToolProperties.Schema(AppJson.Nested(binding, "toolProperties", place, errors), $"{place}.toolProperties", errors),
            Meta = AppJson.Nested(binding, "metadata", place, errors) is { ValueKind: JsonValueKind.Object } meta ? meta : null,
        };
    }

    private string? Script(JsonElement said, string folder, string where)
    {
        var named = AppJson.Text(said, "scriptFile", where, errors);
        if (string.IsNullOrEmpty(named))
        {
            named = Array.Find(s_defaultScripts, s => File.Exists(Path.Combine(root, folder, s)));
            if (named is null)
            {
                errors.Add($"{where}: scriptFile: is missing, and the folder has none of {string.Join(", ", s_defaultScripts)}");
                return null;
            }
        }

        var top = Path.GetFullPath(root) + Path.DirectorySeparatorChar;
        var path = Path.GetFullPath(Path.Combine(top, folder, named));
        if (!path.StartsWith(top, StringComparison.Ordinal) || !File.Exists(path))
        {
            errors.Add($"{where}: scriptFile: the app has no file {named}");
            return null;
        }

        if (EntryFile.LanguageOf(path) is not (FunctionLanguage.Python or FunctionLanguage.JavaScript))
        {
            errors.Add($"{where}: scriptFile: {named} {FunctionAppReader.Later} in Python (.py) and JavaScript (.js, .mjs, .cjs)");
            return null;
        }

        return path[top.Length..];
    }
}
