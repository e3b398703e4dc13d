using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.HandWritten;

/// <summary>
/// Tools written by hand (docs/schemas/tools.schema.json): for APIs without a document. Method, URL template, parameters and the way to sign in; or
/// Kubernetes objects of kind <c>Tool</c> whose <c>spec</c> has a URL and an <c>inputSchema</c>. They become an OpenAPI 3.1 document first, so that
/// every rule of reading, naming and requesting holds for them too.
/// </summary>
public static class HandWrittenTools
{
    /// <summary>Whether a document is one of these and no OpenAPI document.</summary>
    public static bool IsOne(ReadOnlyMemory<byte> content, ReadOptions options)
    {
        var root = DocumentText.Parse(DocumentText.ToJson(content, options), options);
        return root.Text("openapi") is null && root.Text("swagger") is null && (root.Text("kind") is "Tool" or "Tools" || IsListOfTools(root));
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="ApiDocumentException">They are wrong, with the pointer of what is.</exception>
    public static ApiModel Read(ReadOnlyMemory<byte> content, ReadOptions options)
    {
        var roots = Documents(content).Select(d => DocumentText.Parse(DocumentText.ToJson(d, options), options)).ToList();
        var document = new ToolsDocument();
        if (roots is [var only])
        {
            AddAll(document, only);
        }
        else
        {
            AddEach(document, roots, pointer: "");
        }

        return ApiDocument.Read(JsonSerializer.SerializeToUtf8Bytes(document.ToOpenApi(), HandWrittenContext.Default.JsonObject), options) with { Format = ApiFormat.Manual };
    }

    private static void AddAll(ToolsDocument document, JsonElement root)
    {
        switch (root.Text("kind"))
        {
            case "Tools":
                document.AddAll(root);
                break;
            case "Tool":
                document.Add(KubernetesTool.Plain(root, ""), "/spec", null);
                break;
            case not null when IsListOfTools(root):
                AddEach(document, root.Member("items").Items(), "/items");
                break;
            default:
                throw new ApiDocumentException("the document has no kind 'Tools' or 'Tool'", "/kind", "write 'kind: Tools', or see docs/schemas/tools.schema.json");
        }
    }

    private static void AddEach(ToolsDocument document, IEnumerable<JsonElement> tools, string pointer)
    {
        var index = 0;
        foreach (var tool in tools)
        {
            var place = $"{pointer}/{index++}";
            if (tool.Text("kind") is not "Tool")
            {
                throw new ApiDocumentException($"among several objects this one is of the kind '{tool.Text("kind")}'", place, "give only objects of kind 'Tool' together");
            }

            document.Add(KubernetesTool.Plain(tool, place), $"{place}/spec", null);
        }
    }

    /// <summary>The documents of a stream of YAML (YAML 1.2.2, 9.2), as files of Kubernetes objects are; JSON is one.</summary>
    private static List<ReadOnlyMemory<byte>> Documents(ReadOnlyMemory<byte> content)
    {
        List<StringBuilder> documents = [new()];
        foreach (var line in Encoding.UTF8.GetString(content.Span).Split('\n'))
        {
            if (line.TrimEnd() == "---")
            {
                documents.Add(new());
            }
            else
            {
                documents[^1].Append(line).Append('\n');
            }
        }

        return [.. documents.Select(d => d.ToString()).Where(d => d.Split('\n').Any(l => l.Trim() is [not '#', ..])).Select(d => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(d))];
    }

    private static bool IsListOfTools(JsonElement root) =>
        root.Text("kind") is "List" or "ToolList" && root.Member("items").Items().Any() && root.Member("items").Items().All(i => i.Text("kind") is "Tool");
}
