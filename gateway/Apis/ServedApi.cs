using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Reports;
using ToolRuntime.OpenApi.Schemas;
using ToolRuntime.OpenApi.Search.Toolset;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Gateway.Apis;

/// <summary>One API that is served: its version, its operations as tools, and what calls them. Immutable.</summary>
public sealed class ServedApi
{
    private readonly ApiToolset _toolset;
    private readonly ApiCalling _calling;
    private readonly ApiServices _services;
    private readonly Lazy<SearchToolset> _search;
    private readonly Lazy<byte[]> _outline;
    private readonly Lazy<ApiScripts>? _scripts;

    /// <summary>A source whose operations are known.</summary>
    public ServedApi(FunctionVersion version, ApiModel model, ApiToolset toolset, ApiServices services)
    {
        (Version, _toolset, _services) = (version, toolset, services);
        _calling = new ApiCalling(version, model, services);
        var prefix = PrefixOf(version.Manifest);
        _search = new Lazy<SearchToolset>(() => new SearchToolset(toolset.Tools, prefix, version.Manifest.Name));
        _outline = new Lazy<byte[]>(() => CoverageReport.ToJson(toolset.Outline()));
        IsLarge = toolset.Tools.Count > Settings.ListAtMost;
        _scripts = IsLarge && ScriptFunction.IsOfferedBy(version) ? new Lazy<ApiScripts>(() => new ApiScripts(toolset.Tools, prefix)) : null;
        Verbs = IsLarge ? ApiVerbs.OfLarge(_search.Value, _scripts is not null) : ApiVerbs.OfSmall(prefix, toolset.Tools.Any(IsCut));
    }

    /// <summary>The version that it is.</summary>
    public FunctionVersion Version { get; }

    /// <summary>Where it is and how it is called.</summary>
    public ApiSettings Settings => Version.Manifest.Api!;

    /// <summary>Its operations, in the document's order.</summary>
    public IReadOnlyList<ApiTool> Tools => _toolset.Tools;

    /// <summary>Whether lists show tools to find operations in place of the operations.</summary>
    public bool IsLarge { get; }

    /// <summary>Tools that are no operations, which lists show.</summary>
    public IReadOnlyList<(ApiVerb Verb, ToolDefinition Tool)> Verbs { get; }

    /// <summary>What the names of a source's tools begin with.</summary>
    public static string PrefixOf(FunctionManifest manifest) => manifest.Api!.Prefix ?? $"{manifest.Name}_";

    /// <summary>What became of each operation, as UTF-8 JSON; writes every schema first.</summary>
    public ReadOnlyMemory<byte> Report() => CoverageReport.ToJson(_toolset.Ledger());

    /// <summary>The same without what only the writing of schemas would tell.</summary>
    public ReadOnlyMemory<byte> Outline() => _outline.Value;

    /// <summary>The operation of a name, or null.</summary>
    public ApiTool? Find(string name) => _toolset.Find(name);

    /// <summary>What the function of <see cref="ApiVerb.Script"/> is called with for a caller's arguments.</summary>
    /// <exception cref="FunctionFaultException">The script names too much.</exception>
    internal ReadOnlyMemory<byte> ScriptArguments(ReadOnlyMemory<byte> arguments) => _scripts!.Value.Complete(arguments);

    /// <summary>Does what a tool says with the arguments of a call.</summary>
    /// <returns>UTF-8 of <c>{"value"}</c> and/or <c>{"content"}</c>, and <c>"isError":true</c> where the API itself says that it failed.</returns>
    /// <exception cref="FunctionFaultException">It could not be asked, or its answer cannot be read.</exception>
    internal ValueTask<ReadOnlyMemory<byte>> CallAsync(ApiTarget target, ApiInvocation call, CancellationToken cancellationToken) =>
        target.Verb == ApiVerb.Operation
            ? _calling.CallAsync(target.Tool!, call, cancellationToken)
            : ValueTask.FromResult(Answer(target.Verb, call));

    private ReadOnlyMemory<byte> Answer(ApiVerb verb, ApiInvocation call)
    {
        var invocation = call.Invocation;
        using var parsed = JsonDocument.Parse(invocation.Arguments);
        var arguments = parsed.RootElement;
        return verb switch
        {
            ApiVerb.Search => ApiAnswers.Value(_search.Value.Search(Text(arguments, "query"), Number(arguments, "limit", SearchToolset.UsualHits), Texts(arguments, "tags"), null, _scripts is null ? null : WriteMethod)),
            ApiVerb.Describe when arguments.TryGetProperty("part", out var part) => Part(Texts(arguments, "names") is [var name, ..] ? name : "", part.GetString()!, call.Dialect),
            ApiVerb.Describe => ApiAnswers.Value(_search.Value.Describe(Texts(arguments, "names"), null, (call.Dialect, _scripts is null ? null : WriteSignatures))),
            ApiVerb.Expand => Part(Text(arguments, "name"), Text(arguments, "part"), call.Dialect),
            ApiVerb.Continue => ApiAnswers.Piece(_services.Continuations, ApiCalling.Owner(invocation.Caller), Text(arguments, "handle"), Number(arguments, "offset", 0)),
            _ => throw new FunctionFaultException(FaultCode.Internal, $"a tool that does '{verb}' answers nothing by itself"),
        };
    }

    /// <summary>The part of a schema that a mark of length stands for.</summary>
    private ReadOnlyMemory<byte> Part(string name, string part, SchemaDialect dialect)
    {
        var tool = _toolset.Find(name) ?? throw new FunctionFaultException(FaultCode.InvalidArguments, $"there is no tool '{name}'", "give the name of the tool whose schema has the mark");
        return tool.Expand(part, dialect) is { } schema
            ? ApiAnswers.Value((byte[])[.. "{\"schema\":"u8, .. schema.Span, .. "}"u8])
            : throw new FunctionFaultException(FaultCode.InvalidArguments, $"/part: the schema of '{name}' has no part '{part}'", "give what stands under x-truncated, as it stands there");
    }

    private void WriteMethod(Utf8JsonWriter writer, ApiTool tool) => writer.WriteString("method"u8, _scripts!.Value.MethodOf(tool));

    private void WriteSignatures(Utf8JsonWriter writer, ApiTool tool)
    {
        var (python, javaScript) = _scripts!.Value.SignaturesOf(tool);
        writer.WriteString("python"u8, python);
        writer.WriteString("javascript"u8, javaScript);
    }

    private static bool IsCut(ApiTool tool) => tool.InputSchema.Span.IndexOf("\"x-truncated\""u8) >= 0 || tool.OutputSchema?.Span.IndexOf("\"x-truncated\""u8) >= 0;

    private static string Text(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static int Number(JsonElement arguments, string name, int usual) => arguments.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : usual;

    private static IReadOnlyList<string> Texts(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => v.GetString() ?? "")] : [];
}
