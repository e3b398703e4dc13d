using System.Text.Encodings.Web;
using System.Text.Json;

namespace ToolRuntime.Sdk.Protocol;

/// <summary>How JSON is written to the host.</summary>
internal static class JsonForm
{
    /// <summary>No byte more than JSON needs: nothing here ends in HTML. The serializer bounds depth and checks structure.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 512 };
}
