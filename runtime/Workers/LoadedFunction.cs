using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Workers;

/// <summary>What LOADED says.</summary>
/// <param name="Tools">The function's tools, where they were asked for.</param>
/// <param name="Warnings">Things to know.</param>
internal sealed record LoadedFunction(IReadOnlyList<ToolDefinition>? Tools, IReadOnlyList<string>? Warnings)
{
    /// <summary>Completes <paramref name="load"/> of <paramref name="entry"/> with what the frame says.</summary>
    /// <exception cref="InvalidDataException">The payload is not what the protocol says.</exception>
    public static void Answer(TaskCompletionSource<LoadedFunction> load, string entry, WorkerFrame frame)
    {
        try
        {
            if (frame.Type == WorkerFrameType.Loaded)
            {
                load.TrySetResult(JsonSerializer.Deserialize(frame.Payload.Span, WorkerJson.Default.LoadedFunction) ?? new LoadedFunction(null, null));
                return;
            }

            var failure = JsonSerializer.Deserialize(frame.Payload.Span, WorkerJson.Default.LoadFailure) ?? new LoadFailure("", null, null);
            load.TrySetException(new FunctionFaultException(failure.ToFault(entry)));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{frame.Type}: {error.Message}", error);
        }
    }
}
