using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>Whether a call of a tool becomes a task of a client that knows them; the tool says so in <c>_meta["toolruntime/task"]</c>.</summary>
public enum TaskSupport
{
    /// <summary>Never: a call is answered with its result.</summary>
    None,

    /// <summary><c>optional</c>: a task for clients that declare the extension, a plain call for others.</summary>
    Optional,

    /// <summary><c>required</c>: a task, or a refusal.</summary>
    Required,

    /// <summary><c>after-input</c>: required, and its first questions are asked by the request itself; the task begins with their answers.</summary>
    AfterInput,
}

/// <summary>Reads what tools say of tasks.</summary>
public static class TaskSupports
{
    /// <summary>Key in a tool's <c>_meta</c>.</summary>
    public const string MetaKey = "toolruntime/task";

    /// <summary>What a tool says; none for a word that is not known.</summary>
    public static TaskSupport Of(ToolDefinition tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        if (tool.Meta is not { ValueKind: System.Text.Json.JsonValueKind.Object } meta || !meta.TryGetProperty(MetaKey, out var word) || word.ValueKind != System.Text.Json.JsonValueKind.String)
        {
            return TaskSupport.None;
        }

        return word.GetString() switch
        {
            "optional" => TaskSupport.Optional,
            "required" => TaskSupport.Required,
            "after-input" => TaskSupport.AfterInput,
            _ => TaskSupport.None,
        };
    }
}
