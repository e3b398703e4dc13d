using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Compilation;

/// <summary>A compiled script on disk: <c>script.dll</c>, <c>script.pdb</c> and <c>script.json</c> with <c>{"entry","references":[folder],"methods":[metadata token],"tools"}</c>.</summary>
internal static class Artifact
{
    /// <summary>The assembly's file name.</summary>
    public const string AssemblyName = "script.dll";

    /// <summary>The symbols' file name.</summary>
    public const string SymbolsName = "script.pdb";

    /// <summary>The description's file name.</summary>
    public const string DescriptionName = "script.json";

    /// <summary>Writes it into <paramref name="folder"/>.</summary>
    public static void Write(string folder, string entry, CompiledScript script, Type type, JsonArray tools)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, AssemblyName), script.Assembly);
        File.WriteAllBytes(Path.Combine(folder, SymbolsName), script.Symbols);
        var description = new JsonObject
        {
            ["entry"] = entry,
            ["references"] = new JsonArray([.. script.References.Select(r => (JsonNode)r)]),
            ["methods"] = new JsonArray([.. ToolMethods.Of(type, script.Documentation.IsPublic).Select(m => (JsonNode)m.Method.MetadataToken)]),
            ["tools"] = tools.DeepClone(),
        };
        File.WriteAllText(Path.Combine(folder, DescriptionName), description.ToJsonString());
    }

    /// <summary>What to know of the compiled form of <paramref name="entry"/> in <paramref name="folder"/>, or null where there is none.</summary>
    public static ArtifactFacts? Find(string folder, string entry)
    {
        var path = Path.Combine(folder, DescriptionName);
        if (!File.Exists(path) || !File.Exists(Path.Combine(folder, AssemblyName)))
        {
            return null;
        }

        using var description = JsonDocument.Parse(File.ReadAllBytes(path));
        return description.RootElement.GetProperty("entry"u8).ValueEquals(entry)
            ? new ArtifactFacts(
                [.. description.RootElement.GetProperty("references"u8).EnumerateArray().Select(r => r.GetString()!)],
                description.RootElement.GetProperty("methods"u8).EnumerateArray().Select(m => m.GetInt32()).ToHashSet())
            : null;
    }
}
