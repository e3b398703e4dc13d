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
        var root = DocumentText.Parse(DocumentText.ToJson(content, options), options);
        var document = new ToolsDocument();
        switch (root.Text("kind"))
        {
            case "Tools":
                document.AddAll(root);
                break;
            case "Tool":
                document.Add(KubernetesTool.Plain(root, ""), "/spec", null);
                break;
            case not null when IsListOfTools(root):
                var index = 0;
                foreach (var item in root.Member("items").Items())
                {
                    document.Add(KubernetesTool.Plain(item, $"/items/{index}"), $"/items/{index++}/spec", null);
                }

                break;
            default:
                throw new ApiDocumentException("the document has no kind 'Tools' or 'Tool'", "/kind", "write 'kind: Tools', or see docs/schemas/tools.schema.json");
        }

        return ApiDocument.Read(JsonSerializer.SerializeToUtf8Bytes(document.ToOpenApi(), HandWrittenContext.Default.JsonObject), options) with { Format = ApiFormat.Manual };
    }

    private static bool IsListOfTools(JsonElement root) =>
        root.Text("kind") is "List" or "ToolList" && root.Member("items").Items().Any() && root.Member("items").Items().All(i => i.Text("kind") is "Tool");
}
