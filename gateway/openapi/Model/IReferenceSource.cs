namespace ToolRuntime.OpenApi.Model;

/// <summary>Where a schema's references lead. Implemented by a loaded document and by schemas that were made (gRPC, hand-written tools).</summary>
public interface IReferenceSource
{
    /// <summary>Most references followed one after the other.</summary>
    const int LongestChain = 64;

    /// <summary>The schema that <paramref name="reference"/> names, as written in this document; false where it leads nowhere.</summary>
    bool TryResolve(string reference, out ApiSchema target);
}
