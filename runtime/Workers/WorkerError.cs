using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Workers;

/// <summary>What ERROR says.</summary>
internal sealed record WorkerError(string? Code, string? Message, string? Detail)
{
    private const int MaximumMessage = 4 << 10;
    private const int MaximumDetail = 16 << 10;

    /// <summary>As a fault. A worker may only name the faults that are its own to tell; anything else is an error of the function.</summary>
    public FunctionFault ToFault()
    {
        var code = Code switch
        {
            nameof(FaultCode.Cancelled) => FaultCode.Cancelled,
            nameof(FaultCode.OutputTooLarge) => FaultCode.OutputTooLarge,
            nameof(FaultCode.InvalidArguments) => FaultCode.InvalidArguments,
            nameof(FaultCode.LoadFailed) => FaultCode.LoadFailed,
            _ => FaultCode.FunctionThrew,
        };
        var message = string.IsNullOrEmpty(Message) ? "the function failed without a message" : Message;
        return new FunctionFault(code, LoadFailure.Cut(message, MaximumMessage)!, null, LoadFailure.Cut(Detail, MaximumDetail));
    }

    /// <summary>Reads an ERROR payload; one that cannot be read is an error of the function all the same.</summary>
    public static FunctionFault Read(ReadOnlySpan<byte> payload)
    {
        try
        {
            return (JsonSerializer.Deserialize(payload, WorkerJson.Default.WorkerError) ?? new WorkerError(null, null, null)).ToFault();
        }
        catch (JsonException)
        {
            return new WorkerError(null, "the function failed, and the worker's report of it cannot be read", null).ToFault();
        }
    }
}
