using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>
/// The words of <see cref="StateStore"/> in JSON, as functions, MCP tools and HTTP say them: <c>get</c>, <c>put</c>, <c>delete</c>, <c>list</c>.
/// A write that found another revision than it expected is answered by <c>{"conflict":true,"revision":n}</c>.
/// </summary>
public static class StateWords
{
    /// <summary>Does what a word says.</summary>
    /// <param name="store">The memory.</param>
    /// <param name="scope">Whose.</param>
    /// <param name="word">Which.</param>
    /// <param name="parameters">A JSON object.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>UTF-8 of a JSON object.</returns>
    /// <exception cref="FunctionFaultException">It is no word, or the parameters do not fit.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> DoAsync(StateStore store, StateScope scope, string word, JsonElement parameters, CancellationToken cancellationToken)
    {
        var given = new CallParameters(parameters);
        return word switch
        {
            "get" => GetAsync(store, scope, given.Text("key"), cancellationToken),
            "put" => PutAsync(store, scope, given, cancellationToken),
            "delete" => DeleteAsync(store, scope, given, cancellationToken),
            "list" => ListAsync(store, scope, given.OptionalText("prefix") ?? "", cancellationToken),
            _ => throw new FunctionFaultException(FaultCode.InvalidArguments, $"state has no word {word}", "use get, put, delete or list"),
        };
    }

    private static async ValueTask<ReadOnlyMemory<byte>> GetAsync(StateStore store, StateScope scope, string key, CancellationToken cancellationToken)
    {
        var found = await store.GetAsync(scope, key, cancellationToken);
        return Write(json =>
        {
            if (found is { } entry)
            {
                json.WritePropertyName("value"u8);
                json.WriteRawValue(entry.Value.Span, skipInputValidation: true);
                WriteEntry(json, entry);
            }
            else
            {
                json.WriteNumber("revision"u8, 0);
            }
        });
    }

    private static async ValueTask<ReadOnlyMemory<byte>> PutAsync(StateStore store, StateScope scope, CallParameters given, CancellationToken cancellationToken) =>
        Written(await store.PutAsync(scope, given.Text("key"), given.Json("value"), given.Seconds("ttl"), given.Whole("ifRevision"), cancellationToken), "");

    private static async ValueTask<ReadOnlyMemory<byte>> DeleteAsync(StateStore store, StateScope scope, CallParameters given, CancellationToken cancellationToken) =>
        Written(await store.DeleteAsync(scope, given.Text("key"), given.Whole("ifRevision"), cancellationToken), "deleted");

    private static async ValueTask<ReadOnlyMemory<byte>> ListAsync(StateStore store, StateScope scope, string prefix, CancellationToken cancellationToken)
    {
        var entries = await store.ListAsync(scope, prefix, cancellationToken);
        return Write(json =>
        {
            json.WriteStartArray("keys"u8);
            foreach (var entry in entries)
            {
                json.WriteStartObject();
                json.WriteString("key"u8, entry.Key);
                WriteEntry(json, entry);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>A removal of what is not there is no conflict, and one that removed has no revision to tell.</summary>
    private static ReadOnlyMemory<byte> Written(StateWrite write, string done) => Write(json =>
    {
        if (done.Length > 0 && (write.IsDone || write.Revision == 0))
        {
            json.WriteBoolean(done, write.IsDone);
            return;
        }

        if (!write.IsDone)
        {
            json.WriteBoolean("conflict"u8, true);
        }

        json.WriteNumber("revision"u8, write.Revision);
    });

    private static void WriteEntry(Utf8JsonWriter json, StateEntry entry)
    {
        json.WriteNumber("revision"u8, entry.Revision);
        if (entry.Expires is { } expires)
        {
            json.WriteString("expires"u8, expires);
        }
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members) => JsonObjects.Write(members);
}
