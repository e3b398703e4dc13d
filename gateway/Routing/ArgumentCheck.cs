using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Routing;

/// <summary>Arguments against the tool's input schema. What does not fit is the model's to mend, so the message names every path.</summary>
public static class ArgumentCheck
{
    private static readonly JsonDocumentOptions s_documents = new() { MaxDepth = RawJson.MaximumDepth };

    /// <summary>Why the arguments do not fit, or null when they do.</summary>
    public static FunctionFault? Refuse(ToolRoute route, ReadOnlyMemory<byte> arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(arguments, s_documents);
            var errors = route.Input.Validate(document.RootElement);
            return errors.Count == 0
                ? null
                : Fault(route, string.Join("; ", errors));
        }
        catch (JsonException error)
        {
            return Fault(route, $"not valid JSON ({error.Message})");
        }
    }

    private static FunctionFault Fault(ToolRoute route, string what) =>
        new(FaultCode.InvalidArguments, $"the arguments do not fit the input schema of '{route.Tool.Name}': {what}", "change the arguments and call again");
}
