using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>The tools of the source <c>sandbox</c>: what agents do in sandboxes of their own.</summary>
public static class SandboxToolset
{
    /// <summary>The source's name.</summary>
    public const string Source = "sandbox";

    private const string Session = """
        "session":{"type":"string","description":"Handle from sandbox_create. Left out: a fresh sandbox that is gone after this call"}
        """;

    private const string NeededSession = """
        "session":{"type":"string","description":"Handle from sandbox_create"}
        """;

    /// <summary>The tools.</summary>
    public static OwnSource Create(SandboxCalls calls, CodeCalls code, FileCalls files) => new(Source,
    [
        (Tool("sandbox_create",
            "Makes a sandbox (Linux, isolated, no network unless allowed) and gives its handle, `session`. Files, variables and processes stay until sandbox_kill; left alone it is suspended to disk and wakes with the next call, days later too.",
            """{"type":"object","properties":{"template":{"type":"string","description":"An image (code-interpreter with numpy, pandas, matplotlib; java or r for these languages; base, smaller and faster) or a snapshot's id or name","default":"code-interpreter"},"idleSeconds":{"type":"integer","minimum":10,"maximum":86400,"description":"Unused for so long, it is suspended","default":300},"memoryMiB":{"type":"integer","minimum":64,"maximum":65536},"env":{"type":"object","additionalProperties":{"type":"string"}},"metadata":{"type":"object","additionalProperties":{"type":"string"}},"allowHosts":{"type":"array","items":{"type":"string"},"description":"Hosts that it may reach; none else"},"packages":{"type":"boolean","description":"Whether pip, npm and apt (run_command as root) may reach the mirrors that this machine uses"},"volumes":{"type":"array","items":{"type":"string"},"maxItems":16,"description":"Volumes that stand, as NAME:/path, or NAME:/path:ro to read only; their files outlive the sandbox"}},"additionalProperties":false}""",
            destructive: false), calls.CreateAsync),
        (Tool("sandbox_list", "Lists your sandboxes: handle, state, template, metadata.", """{"type":"object","properties":{},"additionalProperties":false}""", readOnly: true), calls.ListAsync),
        (Tool("sandbox_kill", "Ends a sandbox; its files and processes are gone.", $$$"""{"type":"object","properties":{{{{NeededSession}}}},"required":["session"],"additionalProperties":false}"""), calls.KillAsync),
        (Tool("sandbox_fork",
            "Makes copies of a sandbox as it is now, with its files, variables and running processes: try several ways from one prepared state.",
            $$$"""{"type":"object","properties":{{{{NeededSession}}},"count":{"type":"integer","minimum":1,"maximum":100,"default":1}},"required":["session"],"additionalProperties":false}""", destructive: false), calls.ForkAsync),
        (Tool("sandbox_snapshot",
            "Keeps a sandbox's present state, memory and files, under an id that sandbox_create takes as template, and sandbox_reset goes back to.",
            $$$"""{"type":"object","properties":{{{{NeededSession}}},"name":{"type":"string","maxLength":128}},"required":["session"],"additionalProperties":false}""", destructive: false), calls.SnapshotAsync),
        (Tool("sandbox_reset",
            "Brings a sandbox back to a snapshot, under its own handle.",
            $$$"""{"type":"object","properties":{{{{NeededSession}}},"snapshot":{"type":"string"}},"required":["session","snapshot"],"additionalProperties":false}"""), calls.ResetAsync),
        (Tool("run_code",
            "Runs code and gives what it printed, its results (values, images, tables, charts) and its error. In one session and context, variables and imports stay from call to call. Python: the last expression is shown, top-level await and !shell work.",
            $$$"""{"type":"object","properties":{"code":{"type":"string","maxLength":1048576},"language":{"type":"string","enum":["python","javascript","typescript","bash","csharp","java","r"],"default":"python"},{{{Session}}},"context":{"type":"string","description":"A context of the session, where it has several"},"timeoutSeconds":{"type":"number","exclusiveMinimum":0,"maximum":3600,"default":300},"template":{"type":"string","description":"Image of the fresh sandbox; by default code-interpreter, or for Java and R the images java and r"}},"required":["code"],"additionalProperties":false}"""), code.RunCodeAsync),
        (Tool("run_command",
            "Runs a shell command (bash) and gives its output and exit code; what it prints is streamed as progress.",
            $$$"""{"type":"object","properties":{"command":{"type":"string","maxLength":262144},{{{Session}}},"user":{"type":"string","enum":["user","root"],"default":"user","description":"root to install packages with apt-get; sudo gives a user no rights"},"cwd":{"type":"string"},"env":{"type":"object","additionalProperties":{"type":"string"}},"stdin":{"type":"string"},"timeoutSeconds":{"type":"number","exclusiveMinimum":0,"maximum":3600,"default":60},"template":{"type":"string","description":"Image of the fresh sandbox","default":"base"}},"required":["command"],"additionalProperties":false}"""), code.RunCommandAsync),
        (Tool("sandbox_read_file",
            "Reads a file of a sandbox: text as text, images as images, anything else as base64.",
            $$$"""{"type":"object","properties":{{{{NeededSession}}},"path":{"type":"string"},"offset":{"type":"integer","minimum":0},"length":{"type":"integer","minimum":1,"maximum":8388608}},"required":["session","path"],"additionalProperties":false}""", readOnly: true), files.ReadAsync),
        (Tool("sandbox_write_file",
            "Writes a file of a sandbox, with the folders on the way; gives its size.",
            $$$"""{"type":"object","properties":{{{{NeededSession}}},"path":{"type":"string"},"content":{"type":"string","description":"The text; base64 where encoding says so"},"encoding":{"type":"string","enum":["text","base64"],"default":"text"},"append":{"type":"boolean"}},"required":["session","path","content"],"additionalProperties":false}"""), files.WriteAsync),
        (Tool("sandbox_list_files",
            "Lists a folder of a sandbox.",
            $$$"""{"type":"object","properties":{{{{NeededSession}}},"path":{"type":"string","default":"/home/user"},"depth":{"type":"integer","minimum":1,"maximum":20,"default":1}},"required":["session"],"additionalProperties":false}""", readOnly: true), files.ListAsync),
        (Tool("sandbox_remove_file",
            "Removes a file or a folder of a sandbox, with what it holds.",
            $$$"""{"type":"object","properties":{{{{NeededSession}}},"path":{"type":"string"}},"required":["session","path"],"additionalProperties":false}"""), files.RemoveAsync),
    ]);

    private static ToolDefinition Tool(string name, string description, string schema, bool readOnly = false, bool destructive = true) => new()
    {
        Name = name,
        Description = description,
        InputSchema = JsonElement.Parse(schema),
        Annotations = JsonElement.Parse(readOnly
            ? """{"readOnlyHint":true,"openWorldHint":false}"""
            : destructive ? """{"readOnlyHint":false,"openWorldHint":false}""" : """{"readOnlyHint":false,"destructiveHint":false,"openWorldHint":false}"""),
    };
}
