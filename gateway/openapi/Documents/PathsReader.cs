using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>Every operation of <c>paths</c>, each read for itself.</summary>
internal sealed class PathsReader(LoadedDocument root, FormatReader format, Findings findings, ReadOptions options)
{
    private static readonly string[] s_methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

    private readonly List<ApiOperation> _operations = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, JsonElement> _extensions = Extensions(root.Root, s_none);
    private static readonly Dictionary<string, JsonElement> s_none = new(StringComparer.Ordinal);
    private IReadOnlyList<ApiServer> _servers = [];

    public IReadOnlyList<ApiOperation> Read()
    {
        _servers = format.Servers(root.Root, "") ?? [];
        foreach (var path in root.Root.Member("paths").Members().Where(p => !p.Name.StartsWith("x-", StringComparison.OrdinalIgnoreCase)))
        {
            ReadPath(path.Name, path.Value);
        }

        return _operations;
    }

    private void ReadPath(string name, JsonElement node)
    {
        var pointer = $"/paths/{JsonPointer.Escape(name)}";
        if (!node.IsObject())
        {
            findings.Refuse(RefusalCodes.PathMalformed, pointer, $"the path is no object but {Kind(node)}", "give the path its methods");
            return;
        }

        var own = new Place(node, root);
        if (root.Follow(node) is not { } item || !item.Node.IsObject())
        {
            findings.Refuse(RefusalCodes.PathMalformed, pointer, $"the path refers to '{node.Text("$ref")}', which leads nowhere", "correct the reference, or give the document with all its parts");
            return;
        }

        var template = PathTemplate.Of(name);
        if (template.IsUnusual)
        {
            findings.Warn(WarningCodes.PathUnusual, pointer, $"'{name}' is more or less than a path; requests go to '{template.Path}'");
        }

        // Members beside a reference win over those behind it (3.1).
        foreach (var (method, place, at) in Methods(own, item, pointer))
        {
            if (_operations.Count + findings.Refusals.Count >= options.MaximumOperations)
            {
                throw new ApiDocumentException($"the document has more than {options.MaximumOperations} operations", pointer, "split it");
            }

            ReadOperation(new OperationPlace(item, place, at, pointer, template, method));
        }
    }

    private static IEnumerable<(string Method, Place Place, string Pointer)> Methods(Place own, Place item, string pointer)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var holder in own.Node.Text("$ref") is null ? [own] : new[] { own, item })
        {
            foreach (var member in holder.Node.Members())
            {
                if (s_methods.Contains(member.Name, StringComparer.OrdinalIgnoreCase) && seen.Add(member.Name.ToUpperInvariant()))
                {
                    yield return (member.Name.ToUpperInvariant(), new Place(member.Value, holder.Document), $"{pointer}/{member.Name}");
                }
            }

            foreach (var member in holder.Node.Member("additionalOperations").Members())
            {
                yield return (member.Name, new Place(member.Value, holder.Document), $"{pointer}/additionalOperations/{JsonPointer.Escape(member.Name)}");
            }
        }
    }

    private void ReadOperation(OperationPlace place)
    {
        if (!place.Operation.Node.IsObject())
        {
            findings.Refuse(RefusalCodes.OperationMalformed, place.Pointer, $"the operation is no object but {Kind(place.Operation.Node)}", "describe the operation");
        }
        else if (!IsToken(place.Method))
        {
            findings.Refuse(RefusalCodes.MethodIllegal, place.Pointer, $"'{place.Method}' is no HTTP method", "name a method of letters");
        }
        else if (!_keys.Add($"{place.Method} {place.Template.Raw}"))
        {
            findings.Refuse(RefusalCodes.OperationDuplicate, place.Pointer, $"{place.Method} {place.Template.Raw} stands twice", "remove one of them");
        }
        else
        {
            ReadWhole(place);
        }
    }

    private void ReadWhole(OperationPlace place)
    {
        try
        {
            var (parameters, body) = format.Request(place);
            var node = place.Operation.Node;
            var id = node.Text("operationId") is { Length: > 0 } given ? given : null;
            if (id is not null && !_ids.Add(id))
            {
                findings.Warn(WarningCodes.OperationIdDuplicate, place.Pointer, $"another operation has the id '{id}' too");
            }

            _operations.Add(new ApiOperation
            {
                Pointer = place.Pointer,
                Method = place.Method,
                Path = place.Template.Path,
                RawPath = place.Template.Raw,
                OperationId = id,
                Summary = node.Text("summary") ?? place.PathItem.Node.Text("summary") ?? "",
                Description = node.Text("description") ?? place.PathItem.Node.Text("description") ?? "",
                Tags = node.Member("tags").Texts(),
                IsDeprecated = node.Flag("deprecated"),
                Servers = format.Servers(node, place.Pointer) ?? format.Servers(place.PathItem.Node, place.PathPointer) ?? _servers,
                Parameters = parameters,
                Body = body,
                Responses = format.Responses(place),
                Security = format.Security(place),
                Extensions = Extensions(node, Extensions(place.PathItem.Node, _extensions)),
            });
        }
        catch (RefusedException refused)
        {
            findings.Refusals.Add(refused.Refusal);
        }
    }

    /// <summary>What is said under <c>x-mcp…</c>: here, else further out.</summary>
    private static IReadOnlyDictionary<string, JsonElement> Extensions(JsonElement holder, IReadOnlyDictionary<string, JsonElement> outer)
    {
        Dictionary<string, JsonElement>? own = null;
        foreach (var member in holder.EnumerateObject())
        {
            if (member.Name.StartsWith("x-mcp", StringComparison.OrdinalIgnoreCase))
            {
                own ??= new Dictionary<string, JsonElement>(outer, StringComparer.Ordinal);
                own[member.Name.ToLowerInvariant()] = member.Value;
            }
        }

        return own ?? outer;
    }

    private static bool IsToken(string method) => method.Length is > 0 and <= 32 && method.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));

    private static string Kind(JsonElement node) => node.ValueKind.ToString().ToLowerInvariant();
}
