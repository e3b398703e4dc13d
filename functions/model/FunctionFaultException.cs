namespace ToolRuntime.Functions;

/// <summary>Carries a <see cref="FunctionFault"/> through code that cannot return it.</summary>
public sealed class FunctionFaultException : Exception
{
    /// <summary>Wraps <paramref name="fault"/>.</summary>
    public FunctionFaultException(FunctionFault fault, Exception? innerException = null)
        : base(fault.Message, innerException) => Fault = fault;

    /// <summary>Wraps a fault of its parts.</summary>
    public FunctionFaultException(FaultCode code, string message, string? hint = null, string? detail = null)
        : this(new FunctionFault(code, message, hint, detail))
    {
    }

    /// <summary>The failure.</summary>
    public FunctionFault Fault { get; }
}
