using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Keeping;

/// <summary>The tools of the source <c>state</c>: what agents remember from call to call.</summary>
public sealed class StateCalls(MessageBus bus)
{
    /// <summary>The source's name.</summary>
    public const string Source = "state";

    private const string Whose = """
        "session":{"type":"string","minLength":20,"maxLength":64,"description":"A session's handle: any 20 to 64 of a-z and 0-9 that you keep using. Left out: the session of this call, if it has a lasting one"},"scope":{"type":"string","enum":["session","tenant"],"default":"session","description":"tenant: what all your sessions share"}
        """;

    private const string IfRevision = """
        "ifRevision":{"type":"integer","minimum":0,"description":"Only where the key is at this revision; 0: only where it is not there"}
        """;

    /// <summary>The tools.</summary>
    public OwnSource Create() => new(Source,
    [
        (Tool("state_get", "Gives the value that is remembered under a key, and its revision; revision 0 where there is none.", $$$"""{"key":{{{Key()}}},{{{Whose}}}""", "\"key\"", readOnly: true), Do("get")),
        (Tool("state_put", "Remembers a small JSON value (64 KiB) under a key and gives its revision. With ifRevision nothing is overwritten that changed meanwhile: the answer is then conflict, with the present revision.", $$$"""{"key":{{{Key()}}},"value":{"description":"Any JSON value"},"ttl":{"type":"number","exclusiveMinimum":0,"description":"Seconds until it is forgotten"},{{{IfRevision}}},{{{Whose}}}""", "\"key\",\"value\""), Do("put")),
        (Tool("state_delete", "Forgets a key.", $$$"""{"key":{{{Key()}}},{{{IfRevision}}},{{{Whose}}}""", "\"key\""), Do("delete")),
        (Tool("state_list", "Lists the keys that begin with a prefix, with their revisions.", $$$"""{"prefix":{"type":"string","default":""},{{{Whose}}}""", "", readOnly: true), Do("list")),
    ]);

    private static string Key() => """{"type":"string","minLength":1,"maxLength":200,"description":"A-Z a-z 0-9 . _ - / ="}""";

    private static ToolDefinition Tool(string name, string description, string properties, string required, bool readOnly = false) => new()
    {
        Name = name,
        Description = description,
        InputSchema = JsonElement.Parse($$$"""{"type":"object","properties":{{{properties}}}},"required":[{{{required}}}],"additionalProperties":false}"""),
        Annotations = JsonElement.Parse(readOnly ? """{"readOnlyHint":true,"openWorldHint":false}""" : """{"readOnlyHint":false,"openWorldHint":false}"""),
    };

    private OwnTool Do(string word) => async (call, cancellationToken) =>
    {
        using var arguments = JsonDocument.Parse(call.Invocation.Arguments);
        var answer = await StateWords.DoAsync(bus.State, ScopeOf(call.Invocation, new CallParameters(arguments.RootElement)), word, arguments.RootElement, cancellationToken);
        var isConflict = answer.Span.StartsWith("{\"conflict\":true"u8);
        return (byte[])[.. "{\"value\":"u8, .. answer.Span, .. isConflict ? ",\"isError\":true}"u8 : "}"u8];
    };

    private static StateScope ScopeOf(Invocation invocation, CallParameters given)
    {
        if (given.OptionalText("scope") == "tenant")
        {
            return new StateScope(invocation.Caller.Tenant);
        }

        var session = given.OptionalText("session") ?? (invocation.SessionIsExplicit ? invocation.Session : null);
        if (session is not null && !Ids.IsValid(session))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "/session: it is no handle", "20 to 64 of a-z and 0-9");
        }

        return session is not null
            ? new StateScope(invocation.Caller.Tenant, session)
            : throw new FunctionFaultException(FaultCode.InvalidArguments, "/session: this call has no lasting session", "give `session`, a handle of your choice that you keep using, or `scope`: `tenant`");
    }
}
