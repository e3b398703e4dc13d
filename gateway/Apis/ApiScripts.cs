using System.Formats.Tar;
using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Clients;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Gateway.Apis;

/// <summary>
/// Scripts against an API (code mode): what a runtime runs, and the client that a script gets, which has the methods that its text names. A
/// method's name depends on the tools alone.
/// </summary>
internal sealed partial class ApiScripts
{
    private const int LongestClient = 1 << 20;
    private readonly IReadOnlyList<ClientMethod> _methods;
    private readonly Dictionary<string, ClientMethod> _byTool;

    /// <summary>Names the methods of <paramref name="tools"/>, whose names begin with <paramref name="prefix"/>.</summary>
    public ApiScripts(IReadOnlyList<ApiTool> tools, string prefix)
    {
        _methods = ClientSurface.Of(tools, prefix).Methods;
        _byTool = _methods.ToDictionary(m => m.Tool.Name, StringComparer.Ordinal);
    }

    /// <summary>The layer with the function's code, as a tar that is the same every time.</summary>
    public static async Task<MemoryStream> LayerAsync(CancellationToken cancellationToken)
    {
        var stream = new MemoryStream();
        await using (var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var name in (string[])[ScriptFunction.EntryFile, "run_script.mjs"])
            {
                await using var content = typeof(ApiScripts).Assembly.GetManifestResourceStream(name)!;
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = content, ModificationTime = DateTimeOffset.UnixEpoch }, cancellationToken);
            }
        }

        stream.Position = 0;
        return stream;
    }

    /// <summary>The arguments that the function gets for those that the caller gave, <c>{"language","code"}</c>.</summary>
    /// <exception cref="FunctionFaultException">The script names more methods than a client may have.</exception>
    public ReadOnlyMemory<byte> Complete(ReadOnlyMemory<byte> arguments)
    {
        using var parsed = JsonDocument.Parse(arguments);
        var code = parsed.RootElement.GetProperty("code").GetString()!;
        var isPython = parsed.RootElement.GetProperty("language").GetString() == "python";
        var named = Named(code, isPython);
        var client = isPython ? PythonClient.Write(named) : JavaScriptClient.Write(named);
        return client.Length <= LongestClient
            ? JsonSerializer.SerializeToUtf8Bytes(new ScriptArguments(isPython ? "python" : "javascript", code, client), ApiJson.Default.ScriptArguments)
            : throw new FunctionFaultException(FaultCode.InvalidArguments, $"/code: a client with all that the script names ({named.Count} methods) would be larger than {LongestClient >> 20} MiB", "name fewer methods in one script");
    }

    /// <summary>How a script calls a tool, for those who look for tools: <c>issues.list_for_repo</c>.</summary>
    public string MethodOf(ApiTool tool) => $"{Identifiers.Python(_byTool[tool.Name].Group)}.{Identifiers.Python(_byTool[tool.Name].Name)}";

    /// <summary>How a script calls a tool, with its arguments, in both languages.</summary>
    public (string Python, string JavaScript) SignaturesOf(ApiTool tool)
    {
        ClientMethod[] one = [_byTool[tool.Name]];
        return (Signature(one, ScriptLanguage.Python), Signature(one, ScriptLanguage.JavaScript));
    }

    private static string Signature(ClientMethod[] method, ScriptLanguage language)
    {
        var line = ClientListing.Write(method, language, 0, int.MaxValue).Text;
        var summary = line.LastIndexOf(language == ScriptLanguage.Python ? "  # " : "  // ", StringComparison.Ordinal);
        return "api." + line[..summary];
    }

    private List<ClientMethod> Named(string code, bool isPython)
    {
        var words = Word().Matches(code).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        return [.. _methods.Where(m => isPython
            ? words.Contains(Identifiers.Python(m.Group)) && words.Contains(Identifiers.Python(m.Name))
            : words.Contains(Identifiers.JavaScript(m.Group)) && words.Contains(Identifiers.JavaScript(m.Name)))];
    }

    [GeneratedRegex(@"[A-Za-z_]\w*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
